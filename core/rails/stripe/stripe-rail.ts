import type Stripe from 'stripe'
import {
  type Checkout,
  type CheckoutRequest,
  type CreateCheckoutOutcome,
  type PaymentRail,
  RailUnavailableError,
} from '#core/rails/payment-rail.ts'
import { ORDER_METADATA_KEY, readSession } from '#core/rails/stripe/read-session.ts'
import { createStripeBooksRail } from '#core/rails/stripe/stripe-books-rail.ts'
import { createStripeCardRail } from '#core/rails/stripe/stripe-card-rail.ts'
import { classifyStripeError } from '#core/rails/stripe/stripe-errors.ts'
import { createStripeSubscriptionRail, MONTHLY } from '#core/rails/stripe/stripe-subscription-rail.ts'

/** Takes money by Stripe Checkout. `apiKey` only tells live from test; the client holds the connection. */
export function createStripeRail(stripe: Stripe, { apiKey }: { apiKey: string }): PaymentRail {
  return {
    name: 'stripe',
    livemode: /^(sk|rk)_live_/.test(apiKey),
    createCheckout: (request) => createCheckout(stripe, request),
    findCheckout: (id) => findCheckout(stripe, id),
    closeCheckout: (id) => closeCheckout(stripe, id),
    cards: createStripeCardRail(stripe),
    subscriptions: createStripeSubscriptionRail(stripe),
    books: createStripeBooksRail(stripe),
  }
}

async function createCheckout(stripe: Stripe, request: CheckoutRequest): Promise<CreateCheckoutOutcome> {
  const idempotencyKey = `paydesk-order-${request.orderId}-${request.attempt}`
  try {
    const session = await stripe.checkout.sessions.create(sessionParams(request), { idempotencyKey })
    return { status: 'created', checkout: requireSession(session) }
  } catch (error) {
    const failure = classifyStripeError(error)
    switch (failure?.kind) {
      case undefined:
        throw error
      case 'unavailable':
        throw new RailUnavailableError('Stripe did not answer', { cause: error })
      case 'failed_for_good':
        return { status: 'attempt_spent', because: 'failure' }
      case 'key_reused':
        return { status: 'attempt_spent', because: 'other_request' }
      case 'missing':
        return failure.param === 'customer'
          ? { status: 'customer_gone' }
          : { status: 'refused', reason: `Stripe does not know the ${failure.param ?? 'object'} of this product` }
      case 'refused':
        return { status: 'refused', reason: failure.reason }
    }
  }
}

function sessionParams(request: CheckoutRequest): Stripe.Checkout.SessionCreateParams {
  const { orderId, isSubscription, customerId, priceId, links } = request
  const metadata = { [ORDER_METADATA_KEY]: orderId, attempt: String(request.attempt) }
  return {
    mode: isSubscription ? 'subscription' : 'payment',
    line_items: [{ quantity: 1, ...(priceId ? { price: priceId } : { price_data: priceData(request) }) }],
    client_reference_id: orderId,
    metadata,
    // Copied to what comes of it, so that it can be recognised in Stripe's dashboard and in later events.
    ...(isSubscription ? { subscription_data: { metadata } } : { payment_intent_data: { metadata } }),
    // The buyer pays what the order says, in its currency; anything else would not be granted.
    adaptive_pricing: { enabled: false },
    ...customerOf(customerId, isSubscription),
    success_url: links.success,
    cancel_url: links.cancel,
  }
}

/** A subscription always makes a customer, and Stripe refuses to be asked for it. */
function customerOf(customerId: string | null, isSubscription: boolean) {
  if (customerId) return { customer: customerId }
  return isSubscription ? {} : { customer_creation: 'always' as const }
}

function priceData({ priceMinor, currency, label, description, isSubscription }: CheckoutRequest) {
  return {
    currency,
    unit_amount: priceMinor,
    ...(isSubscription ? { recurring: MONTHLY } : {}),
    // Stripe refuses an empty description.
    product_data: { name: label, ...(description ? { description } : {}) },
  }
}

async function findCheckout(stripe: Stripe, id: string): Promise<Checkout | null> {
  try {
    return requireSession(await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] }))
  } catch (error) {
    const failure = classifyStripeError(error)
    if (!failure) throw error
    if (failure.kind === 'missing') return null
    throw new RailUnavailableError(`Stripe did not show checkout ${id}`, { cause: error })
  }
}

async function closeCheckout(stripe: Stripe, id: string): Promise<'closed' | 'not_open'> {
  try {
    await stripe.checkout.sessions.expire(id)
    return 'closed'
  } catch (error) {
    const failure = classifyStripeError(error)
    if (!failure) throw error
    if (failure.kind === 'refused' || failure.kind === 'missing') return 'not_open'
    throw new RailUnavailableError(`Stripe did not close checkout ${id}`, { cause: error })
  }
}

/** The client takes any JSON without an `error` field for success, a proxy's 404 page included. */
function requireSession(answer: unknown): Checkout {
  const checkout = readSession(answer)
  if (!checkout) throw new RailUnavailableError('Stripe answered with something that is no Checkout Session')
  return checkout
}
