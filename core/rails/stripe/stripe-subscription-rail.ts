import type Stripe from 'stripe'
import { RailUnavailableError } from '#core/rails/payment-rail.ts'
import { askStripe, orNull } from '#core/rails/stripe/ask-stripe.ts'
import { readInvoice } from '#core/rails/stripe/read-invoice.ts'
import { ORDER_METADATA_KEY } from '#core/rails/stripe/read-session.ts'
import { readSubscription } from '#core/rails/stripe/read-subscription.ts'
import type { StripeFailure } from '#core/rails/stripe/stripe-errors.ts'
import type {
  ChangeOutcome,
  PlanChange,
  RailSubscription,
  SubscriptionRail,
} from '#core/subscriptions/subscription-rail.ts'

/** Subscriptions by Stripe Billing. */
export function createStripeSubscriptionRail(stripe: Stripe): SubscriptionRail {
  return {
    find: (id) => askStripe(() => findSubscription(stripe, id), orNull),
    findIdByInvoice: (invoiceId) => askStripe(() => findIdByInvoice(stripe, invoiceId), orNull),
    findIdByPayment: (paymentIntentId) => askStripe(() => findIdByPayment(stripe, paymentIntentId), orNull),
    cancelAtPeriodEnd: (id) => change(() => stripe.subscriptions.update(id, { cancel_at_period_end: true })),
    resume: (id) => change(() => resume(stripe, id)),
    changePlan: (plan) => change(() => changePlan(stripe, plan)),
  }
}

async function findSubscription(stripe: Stripe, id: string): Promise<RailSubscription> {
  const subscription = requireSubscription(await stripe.subscriptions.retrieve(id))
  const { data } = await stripe.invoices.list({ subscription: id, limit: 100, expand: ['data.payments'] })
  return { ...subscription, invoices: data.map(requireInvoice).reverse() }
}

async function findIdByInvoice(stripe: Stripe, invoiceId: string): Promise<string | null> {
  return requireInvoice(await stripe.invoices.retrieve(invoiceId)).subscriptionId
}

async function findIdByPayment(stripe: Stripe, paymentIntentId: string): Promise<string | null> {
  const payment = { type: 'payment_intent', payment_intent: paymentIntentId } as const
  const { data } = await stripe.invoicePayments.list({ payment, limit: 1 })
  const invoice = data[0]?.invoice
  return invoice ? findIdByInvoice(stripe, typeof invoice === 'string' ? invoice : invoice.id) : null
}

/** An end that was set as a flag is taken back as a flag, one that was set as a date (by the portal) as a date. */
async function resume(stripe: Stripe, id: string): Promise<void> {
  const { cancel_at_period_end: isFlagged, cancel_at: at } = await stripe.subscriptions.retrieve(id)
  if (isFlagged) await stripe.subscriptions.update(id, { cancel_at_period_end: false })
  else if (at !== null) await stripe.subscriptions.update(id, { cancel_at: '' })
}

async function changePlan(stripe: Stripe, plan: PlanChange): Promise<void> {
  const price = plan.priceId ?? (await createPrice(stripe, plan))
  await stripe.subscriptions.update(plan.id, {
    items: [{ id: plan.itemId, price }],
    metadata: { [ORDER_METADATA_KEY]: plan.orderId },
    proration_behavior: 'none',
  })
}

async function createPrice(stripe: Stripe, { orderId, label, priceMinor, currency }: PlanChange): Promise<string> {
  const { id } = await stripe.prices.create(
    { currency, unit_amount: priceMinor, recurring: MONTHLY, product_data: { name: label } },
    { idempotencyKey: `paydesk-price-${orderId}` },
  )
  return id
}

/** The rhythm of everything that has no price of its own at Stripe. */
export const MONTHLY = { interval: 'month' } as const

function change(act: () => Promise<unknown>): Promise<ChangeOutcome> {
  return askStripe(async () => {
    await act()
    return { status: 'changed' } as const
  }, refusalOf)
}

function refusalOf(failure: StripeFailure): ChangeOutcome | undefined {
  if (failure.kind === 'missing') return { status: 'gone' }
  if (failure.kind !== 'refused' || failure.because === 'account') return undefined
  return { status: 'refused', reason: failure.reason }
}

/** The client takes any JSON without an `error` field for success, a proxy's 404 page included. */
function requireSubscription(answer: unknown): Omit<RailSubscription, 'invoices'> {
  const subscription = readSubscription(answer)
  if (!subscription) throw new RailUnavailableError('Stripe answered with something that is no subscription')
  return subscription
}

function requireInvoice(answer: unknown) {
  const invoice = readInvoice(answer)
  if (!invoice) throw new RailUnavailableError('Stripe answered with something that is no invoice')
  return invoice
}
