import type { IncomingHttpHeaders } from 'node:http'
import { StripeRefusal, unknownUrl } from '../errors.ts'
import { expandReply, requireExpandable } from '../expansion.ts'
import { decodeForm, type FormNode, type FormTree } from '../form.ts'
import type { Reply } from '../idempotency.ts'
import { API_VERSION } from '../objects/event.ts'
import type { StripeState } from '../state.ts'
import { accountRoutes } from './account.ts'
import { catalogRoutes } from './catalog.ts'
import { moneyRoutes } from './charges.ts'
import { checkoutRoutes } from './checkout-sessions.ts'
import { customerRoutes } from './customers.ts'
import { invoiceRoutes } from './invoices.ts'
import { paymentIntentRoutes } from './payment-intents.ts'
import { paymentMethodRoutes } from './payment-methods.ts'
import type { Method, Route } from './route.ts'
import { setupIntentRoutes } from './setup-intents.ts'
import { subscriptionRoutes } from './subscriptions.ts'

/** Every endpoint the stand-in plays. */
const ROUTES: Route[] = [
  ...accountRoutes,
  ...catalogRoutes,
  ...checkoutRoutes,
  ...customerRoutes,
  ...invoiceRoutes,
  ...moneyRoutes,
  ...paymentIntentRoutes,
  ...paymentMethodRoutes,
  ...setupIntentRoutes,
  ...subscriptionRoutes,
]

const TABLE = ROUTES.map((route) => ({ route, segments: route.path.split('/') }))

export type ApiRequest = {
  id: string
  method: string
  /** Without the query. */
  path: string
  query: string
  body: string
  headers: IncomingHttpHeaders
}

export type ApiAnswer = Reply & { replayed: boolean; params: FormTree }

/** Trouble inside an endpoint, after the request has claimed its idempotency key. */
export type Trouble = { stall: (() => Promise<void>) | undefined; breaksDown: boolean }

/** Answers one API call, including refusals. */
export async function answerApi(state: StripeState, request: ApiRequest, trouble: Trouble): Promise<ApiAnswer> {
  const params = decodeForm(request.method === 'POST' ? request.body : request.query)
  const key = idempotencyKeyOf(request)
  try {
    requireKey(state, request.headers.authorization)
    requireVersion(request.headers['stripe-version'])
    requireForm(request)
    const { route, ids } = findRoute(request)
    const saved = key === undefined ? undefined : state.idempotency.begin(key, request, state.clock.nowMs())
    if (saved) return { ...saved, replayed: true, params }
    // Only a stall makes two requests overlap: endpoints themselves run to their end at once.
    if (trouble.stall) await trouble.stall()
    const reply = trouble.breaksDown ? brokenDown() : execute(state, request, route, params, ids, key)
    if (key !== undefined) settle(state, key, reply)
    return { status: reply.status, body: reply.body, replayed: false, params }
  } catch (error) {
    return { ...refusalReply(error), replayed: false, params }
  }
}

type Executed = Reply & { keep: boolean }

function execute(
  state: StripeState,
  request: ApiRequest,
  route: Route,
  params: FormTree,
  ids: [string, string],
  key: string | undefined,
): Executed {
  state.currentRequest = { id: request.id, idempotency_key: key ?? null }
  try {
    const expand = expandPaths(params.expand)
    requireExpandable(expand)
    const result = route.handle(state, params, ids)
    return { status: 200, body: expandReply(state, result, expand), keep: true }
  } catch (error) {
    return { ...refusalReply(error), keep: !(error instanceof StripeRefusal) || error.executed }
  } finally {
    state.currentRequest = { id: null, idempotency_key: null }
  }
}

function settle(state: StripeState, key: string, reply: Executed): void {
  if (reply.keep) state.idempotency.save(key, { status: reply.status, body: reply.body })
  else state.idempotency.forget(key)
}

function refusalReply(error: unknown): Reply {
  if (error instanceof StripeRefusal) return { status: error.status, body: { error: error.body } }
  // A fault of the stand-in itself: shown in full, because hiding it would cost somebody an afternoon.
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { status: 500, body: { error: { type: 'api_error', message } } }
}

function brokenDown(): Executed {
  const message = 'An unexpected error occurred while processing your request. Please try again.'
  return { status: 500, body: { error: { type: 'api_error', message } }, keep: true }
}

function findRoute(request: ApiRequest): { route: Route; ids: [string, string] } {
  const given = request.path.split('/')
  for (const { route, segments } of TABLE) {
    if (route.method !== (request.method as Method) || segments.length !== given.length) continue
    if (!segments.every((segment, index) => (segment === ':id' ? given[index] !== '' : segment === given[index])))
      continue
    const ids = segments.flatMap((segment, index) => (segment === ':id' ? [given[index] ?? ''] : []))
    return { route, ids: [ids[0] ?? '', ids[1] ?? ''] }
  }
  throw unknownUrl(request.method, request.path)
}

function idempotencyKeyOf(request: ApiRequest): string | undefined {
  const key = request.headers['idempotency-key']
  return request.method === 'POST' && typeof key === 'string' && key !== '' ? key : undefined
}

function requireKey(state: StripeState, authorization: string | undefined): void {
  const given = keyOf(authorization)
  if (given === state.options.apiKey) return
  throw new StripeRefusal(401, {
    type: 'invalid_request_error',
    message:
      given === ''
        ? "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/."
        : `Invalid API Key provided: ${masked(given)}`,
  })
}

function keyOf(authorization = ''): string {
  const [scheme, value = ''] = authorization.split(' ')
  if (/^bearer$/i.test(scheme ?? '')) return value
  if (/^basic$/i.test(scheme ?? '')) return Buffer.from(value, 'base64').toString().split(':')[0] ?? ''
  return ''
}

const masked = (key: string) => `${key.slice(0, 8)}${'*'.repeat(Math.max(4, key.length - 12))}${key.slice(-4)}`

function requireVersion(version: string | string[] | undefined): void {
  if (version === undefined || version === API_VERSION) return
  if (typeof version === 'string' && /^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/.test(version)) return
  throw new StripeRefusal(400, {
    type: 'invalid_request_error',
    message: `Invalid Stripe API version: ${String(version)}`,
  })
}

function requireForm(request: ApiRequest): void {
  if (request.method !== 'POST' || request.body === '') return
  if (/^application\/x-www-form-urlencoded/i.test(request.headers['content-type'] ?? '')) return
  throw new StripeRefusal(400, {
    type: 'invalid_request_error',
    message:
      'Invalid request: check that your POST content type is application/x-www-form-urlencoded. If you have any questions, we can help at https://support.stripe.com/.',
  })
}

/** Already checked by the endpoint's parser, so its shape is known. */
function expandPaths(node: FormNode | undefined): string[] {
  if (node === undefined || typeof node === 'string') return []
  return Object.values(node).filter((path): path is string => typeof path === 'string')
}
