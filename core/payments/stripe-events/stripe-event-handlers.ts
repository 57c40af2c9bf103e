import { applyCheckout } from '#core/payments/checkout/apply-checkout.ts'
import { failedCheckout, noticeEventHandlers } from '#core/payments/checkout/notices-of-tries.ts'
import { moneyEventHandlers } from '#core/payments/stripe-events/money-event-handlers.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { convergeCardRemoval, convergeCardSetup, convergeCharge } from '#core/recharge/recharge-events.ts'
import { applyBegun, askAboutBegun } from '#core/subscriptions/settle-checkout.ts'
import { convergeInvoice, convergeSubscription } from '#core/subscriptions/subscription-events.ts'
import type { Prisma, PrismaClient, StripeEvent } from '#prisma'

/** Brings our books in line with what Stripe was asked, inside the transaction that also marks the event. */
type Apply = (tx: Prisma.TransactionClient) => Promise<unknown>

/**
 * What to do about one type of event: first ask Stripe (no transaction is open), then hand back what to write.
 * The payload of the event is never believed, only the id of its object; null when there is nothing to write.
 * Throwing means "try again later".
 */
export type StripeEventHandler = (
  event: Pick<StripeEvent, 'id' | 'type' | 'objectId'>,
  context: { db: PrismaClient; rail: PaymentRail; now: Date },
) => Promise<Apply | null>

/** All four events of a Checkout Session mean the same: look at it again. */
const convergeCheckout: StripeEventHandler = async ({ id, objectId }, { db, rail, now }) => {
  if (objectId === null) throw new Error(`Event ${id} names no Checkout Session`)
  const checkout = await rail.findCheckout(objectId)
  if (!checkout) throw new Error(`Stripe does not know ${objectId}; is the webhook set up for another account or mode?`)
  if (checkout.mode === 'setup') return convergeCardSetup({ db, rail, objectId, now })
  const begun = await askAboutBegun(db, rail, checkout)
  if (begun) return (tx) => applyBegun(tx, { answer: begun, rail, now })
  return (tx) => applyCheckout(tx, { checkout, rail, now })
}

const ignored = Promise.resolve(null)

const subscriptionEvents = ['created', 'updated', 'deleted', 'paused', 'resumed'].map(
  (what) => `customer.subscription.${what}`,
)
const invoiceEvents = ['paid', 'payment_failed', 'payment_action_required'].map((what) => `invoice.${what}`)

/** The same for several types of event. */
function forAll(
  types: string[],
  converge: (bell: Parameters<StripeEventHandler>[1] & { objectId: string }) => Promise<Apply | null>,
): Record<string, StripeEventHandler> {
  const handler: StripeEventHandler = ({ objectId }, context) =>
    objectId === null ? ignored : converge({ ...context, objectId })
  return Object.fromEntries(types.map((type) => [type, handler]))
}

/** One after the other, in one transaction. */
const both =
  (first: StripeEventHandler, second: StripeEventHandler): StripeEventHandler =>
  async (event, context) => {
    const applies = [await first(event, context), await second(event, context)]
    return async (tx) => {
      for (const apply of applies) await apply?.(tx)
    }
  }

/** The events that have an effect. Every other type is kept, marked as processed, and changes nothing. */
export const stripeEventHandlers: Readonly<Record<string, StripeEventHandler>> = {
  'checkout.session.completed': convergeCheckout,
  'checkout.session.async_payment_succeeded': convergeCheckout,
  'checkout.session.async_payment_failed': both(convergeCheckout, failedCheckout),
  'checkout.session.expired': convergeCheckout,
  ...moneyEventHandlers,
  ...noticeEventHandlers,
  ...forAll(subscriptionEvents, convergeSubscription),
  ...forAll(invoiceEvents, convergeInvoice),
  'payment_intent.succeeded': ({ objectId }, context) =>
    objectId === null ? ignored : convergeCharge({ ...context, objectId }),
  'payment_method.detached': ({ objectId }, context) =>
    objectId === null ? ignored : convergeCardRemoval({ ...context, objectId }),
}
