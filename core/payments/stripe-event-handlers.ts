import { applyCheckout } from '#core/payments/apply-checkout.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import type { Prisma, StripeEvent } from '#prisma'

/** Brings our books in line with what Stripe was asked, inside the transaction that also marks the event. */
type Apply = (tx: Prisma.TransactionClient) => Promise<unknown>

/**
 * What to do about one type of event: first ask Stripe (no transaction is open), then hand back what to write.
 * The payload of the event is never believed, only the id of its object; null when there is nothing to write.
 * Throwing means "try again later".
 */
export type StripeEventHandler = (
  event: Pick<StripeEvent, 'id' | 'type' | 'objectId'>,
  context: { rail: PaymentRail; now: Date },
) => Promise<Apply | null>

/** All four events of a Checkout Session mean the same: look at it again. */
const convergeCheckout: StripeEventHandler = async ({ id, objectId }, { rail, now }) => {
  if (objectId === null) throw new Error(`Event ${id} names no Checkout Session`)
  const checkout = await rail.findCheckout(objectId)
  if (!checkout) throw new Error(`Stripe does not know ${objectId}; is the webhook set up for another account or mode?`)
  return (tx) => applyCheckout(tx, { checkout, rail, now })
}

/** The events that have an effect. Every other type is kept, marked as processed, and changes nothing. */
export const stripeEventHandlers: Readonly<Record<string, StripeEventHandler>> = {
  'checkout.session.completed': convergeCheckout,
  'checkout.session.async_payment_succeeded': convergeCheckout,
  'checkout.session.async_payment_failed': convergeCheckout,
  'checkout.session.expired': convergeCheckout,
}
