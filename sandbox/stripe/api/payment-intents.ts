import { invalidRequest } from '../errors.ts'
import { isTestCard, requirePaymentMethod } from '../money/cards.ts'
import { currency, requireChargeable } from '../money/currency.ts'
import { cancelIntent, checkOwner, confirmIntent, prepareConfirmation } from '../money/intents.ts'
import { buildPaymentIntent, type PaymentIntent } from '../objects/payment-intent.ts'
import * as p from '../params.ts'
import type { StripeState } from '../state.ts'
import { fields, listFields, type Route, route } from './route.ts'

const withoutEffect = {
  amount_details: p.ignored,
  application_fee_amount: p.ignored,
  excluded_payment_method_types: p.ignored,
  hooks: p.ignored,
  mandate: p.ignored,
  mandate_data: p.ignored,
  on_behalf_of: p.ignored,
  payment_details: p.ignored,
  payment_method_configuration: p.ignored,
  payment_method_options: p.ignored,
  radar_options: p.ignored,
  shipping: p.ignored,
  transfer_data: p.ignored,
  transfer_group: p.ignored,
  use_stripe_sdk: p.flag,
}
const offSession = p.either(p.oneOf('one_off', 'recurring'), p.flag)
const automaticMethods = p.shape({ enabled: p.flag }, { allow_redirects: p.oneOf('always', 'never') })
const futureUsage = p.oneOf('off_session', 'on_session')
const confirming = { error_on_requires_action: p.flag, off_session: offSession, return_url: p.url }

const createParams = fields(
  { amount: p.integer, currency },
  {
    ...withoutEffect,
    ...confirming,
    allowed_payment_method_types: p.list(p.text()),
    automatic_payment_methods: automaticMethods,
    capture_method: p.oneOf('automatic', 'automatic_async'),
    confirm: p.flag,
    confirmation_method: p.oneOf('automatic', 'manual'),
    customer: p.text(),
    description: p.text(1000),
    metadata: p.metadata,
    payment_method: p.text(),
    receipt_email: p.email,
    setup_future_usage: futureUsage,
    statement_descriptor: p.text(22),
    statement_descriptor_suffix: p.text(22),
  },
)
const updateParams = fields(
  {},
  {
    ...withoutEffect,
    allowed_payment_method_types: p.list(p.text()),
    amount: p.integer,
    capture_method: p.oneOf('automatic', 'automatic_async'),
    currency,
    customer: p.text(),
    description: p.text(1000),
    metadata: p.metadata,
    payment_method: p.text(),
    receipt_email: p.clearable(p.email),
    setup_future_usage: futureUsage,
    statement_descriptor: p.text(22),
    statement_descriptor_suffix: p.text(22),
  },
)
const confirmParams = fields(
  {},
  {
    ...withoutEffect,
    ...confirming,
    allowed_payment_method_types: p.list(p.text()),
    amount_to_confirm: p.integer,
    capture_method: p.oneOf('automatic', 'automatic_async'),
    payment_method: p.text(),
    receipt_email: p.clearable(p.email),
    setup_future_usage: futureUsage,
  },
)

type CreateParams = p.Parsed<typeof createParams>

const isOffSession = (value: boolean | string | undefined) => value !== undefined && value !== false

function createIntent(state: StripeState, params: CreateParams): PaymentIntent {
  requireChargeable(params.amount, params.currency, 'amount')
  if (isOffSession(params.off_session) && !params.confirm)
    throw invalidRequest('You can only set `off_session` when also setting `confirm` to `true`.', {
      param: 'off_session',
    })
  if (params.customer !== undefined) state.customers.require(params.customer, 'customer')
  if (params.payment_method !== undefined && !isTestCard(params.payment_method))
    checkOwner(
      state,
      requirePaymentMethod(state, params.payment_method),
      params.customer ?? null,
      params.payment_method,
    )
  const types = params.allowed_payment_method_types
  const intent = buildPaymentIntent(state.now(), {
    amount: params.amount,
    currency: params.currency,
    customer: params.customer ?? null,
    description: params.description ?? null,
    metadata: p.mergeMetadata({}, params.metadata),
    receipt_email: params.receipt_email ?? null,
    setup_future_usage: params.setup_future_usage ?? null,
    statement_descriptor: params.statement_descriptor ?? null,
    statement_descriptor_suffix: params.statement_descriptor_suffix ?? null,
    allowed_payment_method_types: types ?? null,
    payment_method_types: types ?? ['card'],
    automatic_payment_methods: types
      ? null
      : { enabled: true, allow_redirects: 'always', ...params.automatic_payment_methods },
  })
  const confirmation = { ...params, off_session: isOffSession(params.off_session) }
  // A confirmation that would be refused leaves no intent behind; a declined card does.
  const method = params.confirm
    ? prepareConfirmation(state, intent, confirmation)
    : namedMethod(state, params.payment_method)
  intent.payment_method = method?.id ?? null
  if (method) intent.status = 'requires_confirmation'
  state.paymentIntents.add(intent)
  state.emit('payment_intent.created', intent)
  return params.confirm && method ? confirmIntent(state, intent, method, confirmation) : intent
}

function namedMethod(state: StripeState, id: string | undefined) {
  return id === undefined ? undefined : requirePaymentMethod(state, id)
}

function updateIntent(state: StripeState, params: p.Parsed<typeof updateParams>, id: string): PaymentIntent {
  const intent = state.paymentIntents.get(id)
  const { metadata, amount, currency: code, customer, description, receipt_email, setup_future_usage } = params
  const isOpen = ['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(intent.status)
  if (!isOpen && (amount !== undefined || code !== undefined || params.payment_method !== undefined))
    throw invalidRequest(
      `This PaymentIntent's amount could not be updated because it has a status of ${intent.status}.`,
      {
        code: 'payment_intent_unexpected_state',
      },
    )
  if (amount !== undefined || code !== undefined)
    requireChargeable(amount ?? intent.amount, code ?? intent.currency, 'amount')
  if (customer !== undefined) state.customers.require(customer, 'customer')
  const method = namedMethod(state, params.payment_method)
  if (method) checkOwner(state, method, customer ?? intent.customer, params.payment_method ?? '')
  const change = { amount, currency: code, customer, description, receipt_email, setup_future_usage }
  Object.assign(intent, Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)))
  intent.metadata = p.mergeMetadata(intent.metadata, metadata)
  if (method) Object.assign(intent, { payment_method: method.id, status: 'requires_confirmation' })
  return intent
}

export const paymentIntentRoutes: Route[] = [
  route('POST', '/v1/payment_intents', createParams, createIntent),
  route('GET', '/v1/payment_intents', listFields({ created: p.createdRange, customer: p.text() }), (state, params) =>
    state.paymentIntents.page(
      '/v1/payment_intents',
      params,
      (intent) => params.customer === undefined || intent.customer === params.customer,
    ),
  ),
  route('GET', '/v1/payment_intents/:id', fields({}, { client_secret: p.text() }), (state, _params, id) =>
    state.paymentIntents.get(id),
  ),
  route('POST', '/v1/payment_intents/:id', updateParams, updateIntent),
  route('POST', '/v1/payment_intents/:id/confirm', confirmParams, (state, params, id) => {
    const intent = state.paymentIntents.get(id)
    const confirmation = { ...params, off_session: isOffSession(params.off_session) }
    const method = prepareConfirmation(state, intent, confirmation)
    if (params.setup_future_usage) intent.setup_future_usage = params.setup_future_usage
    return confirmIntent(state, intent, method, confirmation)
  }),
  route(
    'POST',
    '/v1/payment_intents/:id/cancel',
    fields({}, { cancellation_reason: p.oneOf('duplicate', 'fraudulent', 'requested_by_customer', 'abandoned') }),
    (state, params, id) => cancelIntent(state, state.paymentIntents.get(id), params.cancellation_reason ?? null),
  ),
]
