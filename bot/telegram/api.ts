import type { Readable } from 'node:stream'
import { Api, type ApiClientOptions, type Transformer } from 'grammy'
import { Pool } from 'undici'
import { directCalls, parseAnswer } from '#bot/telegram/direct-call.ts'
import { createLimiter, type Limiter, type Limits } from '#bot/telegram/limiter.ts'
import { type CallPriority, callPriorities } from '#bot/telegram/limiter-queue.ts'

export interface TelegramOptions {
  token: string
  apiRoot: string
  limits: Limits
  /** How many calls may be on the wire at once. */
  connections?: number
  /** How long an ordinary call may take before its answer counts as lost. */
  timeoutMs?: number
}

/** Everything that talks to the Bot API goes through one of these: one connection pool, one limiter. */
export interface Telegram {
  /** One handle per priority; all of them share the limiter. */
  readonly apis: Readonly<Record<CallPriority, Api>>
  readonly limiter: Limiter
  /** For `new Bot(token, { client })`, whose own `api.config` takes the transformers too. */
  readonly client: ApiClientOptions
  readonly transformers: Transformer[]
  close(): Promise<void>
}

/** getUpdates is held open by Telegram for up to 50 s. */
const LONG_POLL_TIMEOUT_MS = 75_000

/**
 * The Bot API over a keep-alive pool of its own: about a third of the processor time per call of the default client,
 * and timeouts that tell a call that was never sent from one whose answer was lost.
 */
export function createTelegram({
  token,
  apiRoot,
  limits,
  connections = 128,
  timeoutMs = 20_000,
}: TelegramOptions): Telegram {
  const root = apiRoot.replace(/\/+$/, '')
  const origin = new URL(root).origin
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    connect: { timeout: 10_000 },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  const client: ApiClientOptions = { apiRoot: root, fetch: createFetch(pool, origin.length) }
  const limiter = createLimiter(limits)
  const direct = directCalls(pool, `${root.slice(origin.length)}/bot${token}/`)
  const apiAt = (priority: CallPriority) => {
    const api = new Api(token, client)
    api.config.use(direct, limiter.at(priority))
    return api
  }
  const [user, relay, background, bulk] = callPriorities.map(apiAt) as [Api, Api, Api, Api]
  return {
    apis: { user, relay, background, bulk },
    limiter,
    client,
    transformers: [direct, limiter.at('user')],
    close: () => pool.close(),
  }
}

/** What grammY needs of fetch and nothing more. */
function createFetch(pool: Pool, originLength: number): NonNullable<ApiClientOptions['fetch']> {
  // grammY only awaits the answer and calls its json(); the rest of a Response is never asked for.
  return async (input: unknown, init: unknown) => {
    const url = String(input)
    const { method, headers, body, signal } = init as RequestLike
    const isLongPoll = url.endsWith('/getUpdates')
    const answer = await pool.request({
      path: url.slice(originLength),
      method,
      headers: { 'content-type': headers['content-type'] },
      body,
      // Only the poller gives up on its own; for all others an abort would turn a sent call into an unknown one.
      ...(isLongPoll && { signal, headersTimeout: LONG_POLL_TIMEOUT_MS }),
    })
    const text = await answer.body.text()
    const status = answer.statusCode
    return { ok: status < 300, status, json: () => parseAnswer(text, status) }
  }
}

interface RequestLike {
  method: 'POST'
  headers: Record<string, string>
  body: string | Readable
  signal: AbortSignal
}
