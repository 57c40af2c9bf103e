import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ApiAnswer, answerApi } from './api/api.ts'
import type { ApiFault, StripeControl, StripeOptions, StripeStandIn } from './control-types.ts'
import { StripeRefusal } from './errors.ts'
import { readBody, sendJson } from './http.ts'
import { newId } from './ids.ts'
import { keepMemory } from './keep-memory.ts'
import { API_VERSION } from './objects/event.ts'
import { answerPage } from './pages/pages.ts'
import { StripeState } from './state.ts'
import { createWorld, setWebhookTarget } from './world.ts'

/**
 * Starts a stand-in for the Stripe API, its hosted pages and its webhooks on one port.
 * Everything lives in memory and ends with `close()`, unless a file keeps it.
 */
export async function startStripe(options: StripeOptions): Promise<StripeStandIn> {
  const host = options.host ?? '127.0.0.1'
  const server = createServer((request, response) => {
    handle(state, world, request, response).catch((error: unknown) => {
      if (!response.headersSent) sendJson(response, 500, { error: { type: 'api_error', message: String(error) } })
      else response.destroy()
    })
  })
  // Longer than any client keeps an idle connection, so that a reused one is never closed under a request.
  server.keepAliveTimeout = 65_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  const url = `http://${host}:${(server.address() as AddressInfo).port}`
  const state = new StripeState({
    apiKey: options.apiKey,
    publicUrl: (options.publicUrl ?? url).replace(/\/$/, ''),
    trafficLog: options.trafficLog,
    clock: options.clock ?? Date.now,
    merchantName: options.merchantName ?? 'Paydesk',
    disputeDelayMs: options.disputeDelayMs ?? 5000,
    settleDelayMs: options.settleDelayMs ?? 5000,
  })
  const keeper = options.memoryFile === undefined ? null : keepMemory(state, options.memoryFile)
  const world = createWorld(state)
  if (options.webhookUrl !== undefined)
    setWebhookTarget(state, { url: options.webhookUrl, secret: options.webhookSecret ?? '' })

  return {
    url,
    world,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      keeper?.stop()
      state.clock.clear()
      await state.webhooks.close()
    },
  }
}

async function handle(state: StripeState, world: StripeControl, request: IncomingMessage, response: ServerResponse) {
  const { pathname, search, searchParams } = new URL(request.url ?? '/', 'http://stand-in')
  const body = await readBody(request)
  if (pathname === '/control/events' && request.method === 'GET') return streamTimeline(state, response)
  if (pathname.startsWith('/control/')) return control(world, pathname.slice('/control/'.length), body, response)
  if (
    pathname.startsWith('/c/') ||
    pathname.startsWith('/p/') ||
    pathname.startsWith('/i/') ||
    pathname.startsWith('/r/')
  )
    return answerPage(state, { method: request.method ?? 'GET', path: pathname, query: searchParams, body }, response)
  return await callApi(state, { request, path: pathname, query: search.slice(1), body }, response)
}

type Call = { request: IncomingMessage; path: string; query: string; body: string }

async function callApi(state: StripeState, call: Call, response: ServerResponse): Promise<void> {
  const { request, path, query, body } = call
  const method = request.method ?? 'GET'
  const startedAtMs = state.clock.wallMs()
  const startedMs = performance.now()
  const requestId = newId('req', 14)
  const fault = state.apiFaults.take(method, path)
  if (fault?.kind === 'drop_before') {
    request.socket.destroy()
    return
  }
  const stallMs = fault?.delayMs ?? (fault?.kind === 'slow' ? 2000 : 0)
  const stall = stallMs > 0 ? () => state.apiFaults.stall(stallMs) : undefined
  const answer =
    gatewayAnswer(fault) ??
    (await answerApi(
      state,
      { id: requestId, method, path, query, body, headers: request.headers },
      { stall, breaksDown: fault?.kind === 'server_error' },
    ))

  const idempotencyKey = headerOf(request, 'idempotency-key')
  const fullPath = query === '' ? path : `${path}?${query}`
  state.log({ kind: 'request', method, path: fullPath, body, idempotency_key: idempotencyKey, status: answer.status })
  state.log({ kind: 'response', method, path: fullPath, status: answer.status, response: answer.body })
  if (fault?.kind === 'drop_after') request.socket.destroy()
  else
    sendJson(response, answer.status, answer.body, {
      'request-id': requestId,
      'stripe-version': headerOf(request, 'stripe-version') ?? API_VERSION,
      ...(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey }),
      ...(answer.replayed ? { 'idempotent-replayed': 'true' } : {}),
      ...answer.headers,
    })
  state.timeline.publish({
    kind: 'request',
    atMs: startedAtMs,
    requestId,
    method,
    path: fullPath,
    status: answer.status,
    durationMs: Math.round(performance.now() - startedMs),
    idempotencyKey,
    replayed: answer.replayed,
    params: answer.params,
    response: answer.body,
  })
}

/** Troubles that stop a request before any endpoint sees it; nothing is saved under its key. */
function gatewayAnswer(fault: ApiFault | undefined): ApiAnswer | undefined {
  const status = fault?.kind === 'server_error' ? (fault.status ?? 500) : 500
  if (fault?.kind === 'rate_limit')
    return {
      status: 429,
      body: {
        error: {
          type: 'invalid_request_error',
          code: 'rate_limit',
          message:
            'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
        },
      },
      headers: fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) },
      replayed: false,
      params: {},
    }
  if (status === 500) return undefined
  return {
    status,
    body: { error: { type: 'api_error', message: 'The service is temporarily unavailable.' } },
    headers: {},
    replayed: false,
    params: {},
  }
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' ? value : null
}

async function control(world: StripeControl, verb: string, body: string, response: ServerResponse): Promise<void> {
  if (!Object.hasOwn(world, verb)) {
    sendJson(response, 404, { error: { message: `there is no control verb ${verb}` } })
    return
  }
  try {
    const run = world[verb as keyof StripeControl] as (input: unknown) => Promise<unknown>
    const result = await run(body === '' ? {} : JSON.parse(body))
    sendJson(response, 200, result ?? null)
  } catch (error) {
    const status = error instanceof StripeRefusal ? error.status : 400
    sendJson(response, status, { error: { message: error instanceof Error ? error.message : String(error) } })
  }
}

function streamTimeline(state: StripeState, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  response.write(': open\n\n')
  const stop = state.timeline.subscribe((entry) => {
    if (entry !== 'poke') response.write(`data: ${JSON.stringify(entry)}\n\n`)
  })
  const beat = setInterval(() => response.write(': beat\n\n'), 15_000).unref()
  response.on('close', () => {
    clearInterval(beat)
    stop()
  })
}
