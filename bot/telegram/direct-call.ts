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
      const { text, status } = await post(pool, pathPrefix + method, body)
      return parseAnswer(text, status)
    } catch (error) {
      throw new HttpError(`Network request for '${method}' failed!`, error)
    }
  }) as Transformer
}

/** Without the streams that `request` makes for each answer: answers of the Bot API to calls are short. */
function post(pool: Pool, path: string, body: string): Promise<{ text: string; status: number }> {
  return new Promise((resolve, reject) => {
    let status = 0
    const chunks: Buffer[] = []
    pool.dispatch(
      { path, method: 'POST', headers: JSON_HEADERS, body },
      {
        onRequestStart() {},
        onResponseStart(_controller, statusCode) {
          status = statusCode
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk)
        },
        onResponseEnd() {
          const [only] = chunks
          resolve({ text: (chunks.length === 1 && only ? only : Buffer.concat(chunks)).toString(), status })
        },
        onResponseError(_controller, error) {
          reject(error)
        },
      },
    )
  })
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
