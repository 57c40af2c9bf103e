import { invalidRequest, missingResource } from '../errors.ts'
import { currency } from '../money/currency.ts'
import { currentPeriod, planResumption } from '../money/subscribing.ts'
import {
  cancelAt,
  cancelAtPeriodEnd,
  changeItems,
  type ItemChange,
  requireSameRhythm,
} from '../money/subscription-changes.ts'
import { endSubscription, isLive, updateSubscription } from '../money/subscription-state.ts'
import { buildPrice, type Price } from '../objects/catalog.ts'
import type { Subscription } from '../objects/subscription.ts'
import * as p from '../params.ts'
import type { StripeState } from '../state.ts'
import { recurringOf, recurringParams, unitAmountOf } from './catalog.ts'
import { fields, listFields, type Route, route } from './route.ts'

const cancellationDetails = p.shape(
  {},
  {
    comment: p.clearableText,
    feedback: p.clearable(
      p.oneOf(
        'customer_service',
        'low_quality',
        'missing_features',
        'other',
        'switched_service',
        'too_complex',
        'too_expensive',
        'unused',
      ),
    ),
    feedback_option: p.ignored,
  },
)

const item = p.shape(
  {},
  {
    billing_thresholds: p.ignored,
    clear_usage: p.flag,
    current_trial: p.ignored,
    deleted: p.flag,
    discounts: p.ignored,
    id: p.text(),
    metadata: p.metadata,
    price: p.text(),
    price_data: p.shape(
      { currency, product: p.text(), recurring: recurringParams },
      { tax_behavior: p.ignored, unit_amount: p.integer, unit_amount_decimal: p.text() },
    ),
    quantity: p.integer,
    tax_rates: p.ignored,
  },
)

const updateParams = fields(
  {},
  {
    cancel_at: p.clearable(p.either(p.oneOf('min_period_end', 'max_period_end'), p.integer)),
    cancel_at_period_end: p.flag,
    cancellation_details: cancellationDetails,
    default_payment_method: p.text(),
    description: p.clearableText,
    discounts: p.ignored,
    invoice_settings: p.ignored,
    items: p.list(item),
    metadata: p.metadata,
    off_session: p.flag,
    pause_collection: p.clearable(
      p.shape({ behavior: p.oneOf('void', 'keep_as_draft', 'mark_uncollectible') }, { resumes_at: p.integer }),
    ),
    payment_behavior: p.oneOf('allow_incomplete', 'default_incomplete', 'error_if_incomplete', 'pending_if_incomplete'),
    payment_settings: p.ignored,
    proration_behavior: p.oneOf('create_prorations', 'none', 'always_invoice'),
    proration_date: p.ignored,
  },
)
type Update = p.Parsed<typeof updateParams>

const statuses = [
  'active',
  'past_due',
  'unpaid',
  'canceled',
  'incomplete',
  'incomplete_expired',
  'trialing',
  'paused',
  'all',
  'ended',
] as const

function update(state: StripeState, params: Update, id: string): Subscription {
  const subscription = state.subscriptions.get(id)
  requireUpdatable(subscription, params)
  const changes = (params.items ?? []).map((change, index) => readChange(state, subscription, change, index))
  const method = ownMethod(state, subscription, params.default_payment_method)
  updateSubscription(state, subscription, () => {
    const { description, metadata, cancellation_details: details } = params
    if (description !== undefined) subscription.description = description
    if (method !== undefined) subscription.default_payment_method = method
    subscription.metadata = p.mergeMetadata(subscription.metadata, metadata)
    if (details?.comment !== undefined) subscription.cancellation_details.comment = details.comment
    if (details?.feedback !== undefined) subscription.cancellation_details.feedback = details.feedback
    applyCancellation(state, subscription, params)
    applyPause(state, subscription, params.pause_collection)
    changeItems(state, subscription, changes, params.proration_behavior ?? 'create_prorations')
  })
  return subscription
}

function requireUpdatable(subscription: Subscription, params: Update): void {
  if (params.cancel_at !== undefined && params.cancel_at_period_end !== undefined)
    throw invalidRequest('You may only specify one of these parameters: cancel_at, cancel_at_period_end.', {
      param: 'cancel_at',
    })
  if (isLive(subscription)) return
  const stillPossible = ['cancellation_details', 'metadata', 'expand']
  if (Object.keys(params).some((name) => !stillPossible.includes(name)))
    throw invalidRequest('A canceled subscription can only update its cancellation_details and metadata.')
}

function applyCancellation(state: StripeState, subscription: Subscription, params: Update): void {
  if (params.cancel_at_period_end !== undefined) cancelAtPeriodEnd(state, subscription, params.cancel_at_period_end)
  const at = params.cancel_at
  if (at === undefined) return
  if (typeof at === 'number' && at <= state.now())
    throw invalidRequest('`cancel_at` must be in the future.', { param: 'cancel_at' })
  cancelAt(state, subscription, typeof at === 'string' ? currentPeriod(subscription).end : at)
}

function applyPause(state: StripeState, subscription: Subscription, pause: Update['pause_collection']): void {
  if (pause === undefined) return
  subscription.pause_collection = pause && { behavior: pause.behavior, resumes_at: pause.resumes_at ?? null }
  planResumption(state, subscription)
}

function readChange(
  state: StripeState,
  subscription: Subscription,
  given: p.Parsed<typeof item>,
  index: number,
): ItemChange {
  const at = `items[${index}]`
  if (given.id === undefined || given.deleted)
    throw invalidRequest('The sandbox changes the items a subscription has; it adds and removes none.', { param: at })
  const known = subscription.items.data.find((candidate) => candidate.id === given.id)
  if (!known) throw missingResource('subscription item', given.id, `${at}[id]`, 400)
  const change = {
    item: known,
    price: priceOf(state, known.price, given, at),
    quantity: given.quantity ?? known.quantity,
  }
  requireSameRhythm(change, `${at}[price]`)
  return change
}

function priceOf(state: StripeState, current: Price, given: p.Parsed<typeof item>, at: string): Price {
  const { price: priceId, price_data: data } = given
  if (priceId !== undefined && data)
    throw invalidRequest('You may only specify one of these parameters: price, price_data.', { param: at })
  if (data) {
    const unitAmount = unitAmountOf(data, (field) => `${at}[price_data][${field}]`)
    const product = state.products.require(data.product, `${at}[price_data][product]`)
    return state.prices.add(
      buildPrice(state.now(), {
        active: false,
        currency: data.currency,
        product: product.id,
        unit_amount: unitAmount,
        recurring: recurringOf(data.recurring),
      }),
    )
  }
  if (priceId === undefined || priceId === current.id) return current
  const price = state.prices.require(priceId, `${at}[price]`)
  if (price.active) return price
  throw invalidRequest('The price specified is inactive. This field only accepts active prices.', {
    param: `${at}[price]`,
  })
}

function ownMethod(state: StripeState, subscription: Subscription, id: string | undefined): string | undefined {
  if (id === undefined) return undefined
  const method = state.paymentMethods.require(id, 'default_payment_method')
  if (method.customer === subscription.customer) return method.id
  throw invalidRequest(
    `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
    { param: 'default_payment_method' },
  )
}

const isListed = (subscription: Subscription, status: (typeof statuses)[number] | undefined) => {
  if (status === 'all') return true
  if (status === undefined) return isLive(subscription)
  return subscription.status === (status === 'ended' ? 'canceled' : status)
}

export const subscriptionRoutes: Route[] = [
  route(
    'GET',
    '/v1/subscriptions',
    listFields({
      automatic_tax: p.ignored,
      collection_method: p.oneOf('charge_automatically', 'send_invoice'),
      created: p.createdRange,
      current_period_end: p.ignored,
      current_period_start: p.ignored,
      customer: p.text(),
      price: p.text(),
      status: p.oneOf(...statuses),
      test_clock: p.ignored,
    }),
    (state, params) =>
      state.subscriptions.page(
        '/v1/subscriptions',
        params,
        (subscription) =>
          (params.customer === undefined || subscription.customer === params.customer) &&
          (params.price === undefined || subscription.items.data.some(({ price }) => price.id === params.price)) &&
          params.collection_method !== 'send_invoice' &&
          isListed(subscription, params.status),
      ),
  ),
  route('GET', '/v1/subscriptions/:id', fields({}, {}), (state, _params, id) => state.subscriptions.get(id)),
  route('POST', '/v1/subscriptions/:id', updateParams, update),
  route(
    'DELETE',
    '/v1/subscriptions/:id',
    fields({}, { cancellation_details: cancellationDetails, invoice_now: p.flag, prorate: p.flag }),
    (state, params, id) => {
      const subscription = state.subscriptions.get(id)
      // Asked about a cancelled one, the real API does not know it either.
      if (!isLive(subscription)) throw missingResource('subscription', id)
      if (params.prorate || params.invoice_now)
        throw invalidRequest('The sandbox cancels without a last invoice.', { param: 'prorate' })
      const { comment, feedback } = params.cancellation_details ?? {}
      if (comment !== undefined) subscription.cancellation_details.comment = comment
      if (feedback !== undefined) subscription.cancellation_details.feedback = feedback
      endSubscription(state, subscription, 'cancellation_requested')
      return subscription
    },
  ),
]
