import { HttpError, InputFile, type Transformer } from 'grammy'
import type { Pool } from 'undici'
import { UnreadableAnswerError } from '#bot/telegram/errors.ts'

/**
 * Makes calls without files straight over the connection pool, instead of through the client's general way (an abort
 * controller, a timer and a race per call), which costs more than everything else about a send. The pool keeps the
 * timeouts. Installed first, so that it stands where the network is.
 */
export function directCalls(pool: Pool, pathPrefix: string): Transformer {
  return (async (prev, method, payload, signal) => {
    if (signal || hasFile(payload)) return prev(method, payload, signal)
    const body = JSON.stringify(payload)
    try {
      const answer = await pool.request({ path: pathPrefix + method, method: 'POST', headers: JSON_HEADERS, body })
      return parseAnswer(await answer.body.text(), answer.statusCode)
    } catch (error) {
      throw new HttpError(`Network request for '${method}' failed!`, error)
    }
  }) as Transformer
}

const JSON_HEADERS = { 'content-type': 'application/json' }

function hasFile(payload: object): boolean {
  for (const value of Object.values(payload)) {
    if (value instanceof InputFile) return true
    if (Array.isArray(value) && value.some((item) => isObject(item) && hasFile(item))) return true
    if (isObject(value) && 'media' in value && hasFile(value)) return true
  }
  return false
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** What Telegram said; a page of a proxy in between is no answer. */
export function parseAnswer(text: string, status: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UnreadableAnswerError(status)
  }
}
