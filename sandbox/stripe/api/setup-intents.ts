import { cardRefusal, invalidRequest, wrongState } from '../errors.ts'
import { attachCard, requirePaymentMethod } from '../money/cards.ts'
import { DECLINES } from '../money/declines.ts'
import { checkOwner } from '../money/intents.ts'
import type { PaymentMethod } from '../objects/payment-method.ts'
import { buildSetupIntent, type SetupIntent } from '../objects/setup-intent.ts'
import * as p from '../params.ts'
import type { StripeState } from '../state.ts'
import { fields, listFields, type Route, route } from './route.ts'

const common = {
  allowed_payment_method_types: p.list(p.text()),
  attach_to_self: p.ignored,
  customer: p.text(),
  description: p.text(),
  excluded_payment_method_types: p.ignored,
  flow_directions: p.ignored,
  metadata: p.metadata,
  payment_method: p.text(),
  payment_method_configuration: p.ignored,
  payment_method_options: p.ignored,
}
const confirming = { mandate_data: p.ignored, return_url: p.url, use_stripe_sdk: p.flag }
const createParams = fields(
  {},
  {
    ...common,
    ...confirming,
    automatic_payment_methods: p.shape({ enabled: p.flag }, { allow_redirects: p.oneOf('always', 'never') }),
    confirm: p.flag,
    on_behalf_of: p.ignored,
    single_use: p.ignored,
    usage: p.oneOf('off_session', 'on_session'),
  },
)
const confirmParams = fields(
  {},
  {
    ...confirming,
    allowed_payment_method_types: p.list(p.text()),
    payment_method: p.text(),
    payment_method_options: p.ignored,
  },
)

function createIntent(state: StripeState, params: p.Parsed<typeof createParams>): SetupIntent {
  if (params.customer !== undefined) state.customers.require(params.customer, 'customer')
  if (params.confirm && params.payment_method === undefined)
    throw invalidRequest("You cannot confirm this SetupIntent because it's missing a payment method.", {
      param: 'payment_method',
    })
  const method = params.payment_method === undefined ? undefined : requirePaymentMethod(state, params.payment_method)
  if (method) checkOwner(state, method, params.customer ?? null, params.payment_method ?? '')
  const intent = state.setupIntents.add(
    buildSetupIntent(state.now(), {
      customer: params.customer ?? null,
      description: params.description ?? null,
      metadata: p.mergeMetadata({}, params.metadata),
      payment_method: method?.id ?? null,
      status: method ? 'requires_confirmation' : 'requires_payment_method',
      usage: params.usage ?? 'off_session',
    }),
  )
  state.emit('setup_intent.created', intent)
  return params.confirm && method ? confirm(state, intent, method) : intent
}

function confirm(state: StripeState, intent: SetupIntent, method: PaymentMethod): SetupIntent {
  if (state.cardBehaviours.get(method.id) === 'expired_card') {
    const error = { ...DECLINES.expired_card, payment_method: structuredClone(method) }
    Object.assign(intent, {
      status: 'requires_payment_method',
      payment_method: null,
      last_setup_error: { type: 'card_error', ...error },
    } satisfies Partial<SetupIntent>)
    state.emit('setup_intent.setup_failed', intent)
    throw cardRefusal({ ...error, setup_intent: structuredClone(intent) })
  }
  Object.assign(intent, {
    status: 'succeeded',
    payment_method: method.id,
    last_setup_error: null,
  } satisfies Partial<SetupIntent>)
  if (intent.customer !== null) attachCard(state, method, intent.customer)
  state.emit('setup_intent.succeeded', intent)
  return intent
}

function requireOpen(intent: SetupIntent, verb: string): void {
  if (!['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(intent.status))
    throw wrongState(
      `You cannot ${verb} this SetupIntent because it has a status of ${intent.status}.`,
      'setup_intent_unexpected_state',
      { setup_intent: structuredClone(intent) },
    )
}

export const setupIntentRoutes: Route[] = [
  route('POST', '/v1/setup_intents', createParams, createIntent),
  route(
    'GET',
    '/v1/setup_intents',
    listFields({ attach_to_self: p.ignored, created: p.createdRange, customer: p.text(), payment_method: p.text() }),
    (state, params) =>
      state.setupIntents.page(
        '/v1/setup_intents',
        params,
        (intent) =>
          (params.customer === undefined || intent.customer === params.customer) &&
          (params.payment_method === undefined || intent.payment_method === params.payment_method),
      ),
  ),
  route('GET', '/v1/setup_intents/:id', fields({}, { client_secret: p.text() }), (state, _params, id) =>
    state.setupIntents.get(id),
  ),
  route('POST', '/v1/setup_intents/:id', fields({}, common), (state, params, id) => {
    const intent = state.setupIntents.get(id)
    requireOpen(intent, 'update')
    if (params.customer !== undefined) intent.customer = state.customers.require(params.customer, 'customer').id
    if (params.description !== undefined) intent.description = params.description
    if (params.payment_method !== undefined) {
      intent.payment_method = requirePaymentMethod(state, params.payment_method).id
      intent.status = 'requires_confirmation'
    }
    intent.metadata = p.mergeMetadata(intent.metadata, params.metadata)
    return intent
  }),
  route('POST', '/v1/setup_intents/:id/confirm', confirmParams, (state, params, id) => {
    const intent = state.setupIntents.get(id)
    requireOpen(intent, 'confirm')
    const methodId = params.payment_method ?? intent.payment_method
    if (methodId === null)
      throw invalidRequest("You cannot confirm this SetupIntent because it's missing a payment method.", {
        param: 'payment_method',
      })
    return confirm(state, intent, checkOwner(state, requirePaymentMethod(state, methodId), intent.customer, methodId))
  }),
  route(
    'POST',
    '/v1/setup_intents/:id/cancel',
    fields({}, { cancellation_reason: p.oneOf('abandoned', 'requested_by_customer', 'duplicate') }),
    (state, params, id) => {
      const intent = state.setupIntents.get(id)
      requireOpen(intent, 'cancel')
      Object.assign(intent, { status: 'canceled', cancellation_reason: params.cancellation_reason ?? null })
      state.emit('setup_intent.canceled', intent)
      return intent
    },
  ),
]
