import { invalidRequest, missingResource } from '../errors.ts'
import { randomToken } from '../ids.ts'
import { buildPortalSession } from '../objects/portal-session.ts'
import { buildWebhookEndpoint } from '../objects/webhook-endpoint.ts'
import * as p from '../params.ts'
import type { StripeState } from '../state.ts'
import { fields, listFields, type Route, route } from './route.ts'

const ACCOUNT_ID = 'acct_1SandboxPaydesk'
const PORTAL_CONFIGURATION_ID = 'bpc_1SandboxDefault'

function account(state: StripeState) {
  const capability = { card_payments: 'active', transfers: 'active' }
  return {
    id: ACCOUNT_ID,
    object: 'account',
    business_profile: { name: state.options.merchantName, support_email: null, support_url: null, url: null },
    business_type: 'company',
    capabilities: capability,
    charges_enabled: true,
    country: 'US',
    created: 1_700_000_000,
    default_currency: 'usd',
    details_submitted: true,
    email: 'owner@example.com',
    metadata: {},
    payouts_enabled: true,
    settings: { dashboard: { display_name: state.options.merchantName, timezone: 'Etc/UTC' } },
    type: 'standard',
  }
}

function balance(state: StripeState) {
  const totals = new Map<string, number>([['usd', 0]])
  for (const { currency, net } of state.balanceTransactions.all())
    totals.set(currency, (totals.get(currency) ?? 0) + net)
  const money = [...totals].map(([currency, amount]) => ({ amount, currency, source_types: { card: amount } }))
  return {
    object: 'balance',
    available: money.map(({ currency }) => ({ amount: 0, currency, source_types: { card: 0 } })),
    livemode: false,
    pending: money,
  }
}

const eventTypeMatches = (pattern: string, type: string) =>
  pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)))

const KEPT_SECONDS = 30 * 86_400

/** The API tells events of the last 30 days only. */
const isTold = (state: StripeState, created: number) => created >= state.now() - KEPT_SECONDS

function recentEvent(state: StripeState, id: string) {
  if (!isTold(state, state.events.get(id).created)) throw missingResource('event', id)
  return withPending(state, id)
}

const withPending = (state: StripeState, id: string) => ({
  ...state.events.get(id),
  pending_webhooks: state.webhooks.pendingOf(id),
})

const eventRoutes: Route[] = [
  route(
    'GET',
    '/v1/events',
    listFields({ created: p.createdRange, delivery_success: p.flag, type: p.text(), types: p.list(p.text()) }),
    (state, params) => {
      if (params.type !== undefined && params.types !== undefined)
        throw invalidRequest('You may only specify one of these parameters: type, types.', { param: 'type' })
      const patterns = params.types ?? (params.type === undefined ? ['*'] : [params.type])
      const page = state.events.page(
        '/v1/events',
        params,
        (event) =>
          isTold(state, event.created) &&
          patterns.some((pattern) => eventTypeMatches(pattern, event.type)) &&
          (params.delivery_success === undefined ||
            params.delivery_success === (state.webhooks.pendingOf(event.id) === 0)),
      )
      return { ...page, data: page.data.map((event) => withPending(state, event.id)) }
    },
  ),
  route('GET', '/v1/events/:id', fields({}, {}), (state, _params, id) => recentEvent(state, id)),
]

const endpointRoutes: Route[] = [
  route(
    'POST',
    '/v1/webhook_endpoints',
    fields(
      { enabled_events: p.list(p.text()), url: p.url },
      { api_version: p.text(), connect: p.flag, description: p.clearableText, metadata: p.metadata },
    ),
    (state, params) => {
      const endpoint = state.webhookEndpoints.add(
        buildWebhookEndpoint(state.now(), {
          url: params.url,
          enabled_events: params.enabled_events,
          api_version: params.api_version ?? null,
          description: params.description ?? null,
          metadata: p.mergeMetadata({}, params.metadata),
        }),
      )
      const secret = `whsec_${randomToken(32)}`
      state.webhooks.secrets.set(endpoint.id, secret)
      // Told once, at creation, and never again.
      return { ...endpoint, secret }
    },
  ),
  route('GET', '/v1/webhook_endpoints', listFields({}), (state, params) =>
    state.webhookEndpoints.page('/v1/webhook_endpoints', params),
  ),
  route('GET', '/v1/webhook_endpoints/:id', fields({}, {}), (state, _params, id) => state.webhookEndpoints.get(id)),
  route(
    'POST',
    '/v1/webhook_endpoints/:id',
    fields(
      {},
      {
        description: p.clearableText,
        disabled: p.flag,
        enabled_events: p.list(p.text()),
        metadata: p.metadata,
        url: p.url,
      },
    ),
    (state, params, id) => {
      const endpoint = state.webhookEndpoints.get(id)
      if (params.url !== undefined) endpoint.url = params.url
      if (params.enabled_events !== undefined) endpoint.enabled_events = params.enabled_events
      if (params.disabled !== undefined) endpoint.status = params.disabled ? 'disabled' : 'enabled'
      if (params.description !== undefined) endpoint.description = params.description
      endpoint.metadata = p.mergeMetadata(endpoint.metadata, params.metadata)
      return endpoint
    },
  ),
  route('DELETE', '/v1/webhook_endpoints/:id', fields({}, {}), (state, _params, id) => {
    state.webhookEndpoints.get(id)
    state.webhookEndpoints.delete(id)
    return { id, object: 'webhook_endpoint', deleted: true }
  }),
]

/** Where the real page would begin; the stand-in's page shows everything at once. */
const flowData = p.shape(
  { type: p.oneOf('payment_method_update', 'subscription_cancel', 'subscription_update') },
  {
    after_completion: p.shape(
      { type: p.oneOf('hosted_confirmation', 'portal_homepage', 'redirect') },
      { hosted_confirmation: p.ignored, redirect: p.shape({ return_url: p.url }, {}) },
    ),
    subscription_cancel: p.shape({ subscription: p.text() }, { retention: p.ignored }),
    subscription_update: p.shape({ subscription: p.text() }, {}),
  },
)

function flowOf(state: StripeState, customerId: string, given: p.Parsed<typeof flowData> | undefined) {
  if (!given) return null
  const cancel = given.subscription_cancel
  const update = given.subscription_update
  for (const named of [cancel, update]) {
    if (named && state.subscriptions.require(named.subscription, 'flow_data').customer !== customerId)
      throw invalidRequest(`No such subscription: '${named.subscription}'`, { param: 'flow_data' })
  }
  if ((given.type === 'subscription_cancel' && !cancel) || (given.type === 'subscription_update' && !update))
    throw invalidRequest(`Missing required param: flow_data[${given.type}].`, {
      param: `flow_data[${given.type}]`,
      code: 'parameter_missing',
    })
  return {
    after_completion: {
      hosted_confirmation: null,
      redirect: given.after_completion?.redirect ?? null,
      type: given.after_completion?.type ?? 'portal_homepage',
    },
    customer_update: null,
    subscription_cancel: cancel ? { retention: null, subscription: cancel.subscription } : null,
    subscription_pause: null,
    subscription_update: update ?? null,
    subscription_update_confirm: null,
    type: given.type,
  }
}

const portalRoutes: Route[] = [
  route(
    'POST',
    '/v1/billing_portal/sessions',
    fields(
      { customer: p.text() },
      {
        after_expiration: p.ignored,
        configuration: p.text(),
        flow_data: flowData,
        locale: p.text(10),
        on_behalf_of: p.ignored,
        return_url: p.url,
      },
    ),
    (state, params) => {
      const customer = state.customers.require(params.customer, 'customer')
      const session = state.portalSessions.add(
        buildPortalSession(state.now(), state.options.publicUrl, {
          customer: customer.id,
          return_url: params.return_url ?? null,
          configuration: params.configuration ?? PORTAL_CONFIGURATION_ID,
          locale: params.locale ?? null,
          flow: flowOf(state, customer.id, params.flow_data),
        }),
      )
      state.emit('billing_portal.session.created', session)
      return session
    },
  ),
]

export const accountRoutes: Route[] = [
  route('GET', '/v1/account', fields({}, {}), (state) => account(state)),
  route('GET', '/v1/accounts/:id', fields({}, {}), (state, _params, id) => {
    if (id !== ACCOUNT_ID)
      throw invalidRequest(
        `The provided key does not have access to account '${id}' (or that account does not exist).`,
        { code: 'account_invalid' },
      )
    return account(state)
  }),
  route('GET', '/v1/balance', fields({}, {}), (state) => balance(state)),
  ...eventRoutes,
  ...endpointRoutes,
  ...portalRoutes,
]
