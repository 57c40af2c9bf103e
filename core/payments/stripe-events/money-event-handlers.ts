import { applyCheckout } from '#core/payments/checkout/apply-checkout.ts'
import { applyMoney } from '#core/payments/refunds/apply-money.ts'
import type { StripeEventHandler } from '#core/payments/stripe-events/stripe-event-handlers.ts'
import type { BooksRail, TakenMoney } from '#core/rails/books-rail.ts'
import { convergeSubscription } from '#core/subscriptions/subscription-events.ts'
import type { Prisma } from '#prisma'

type Context = Parameters<StripeEventHandler>[1]
type FindBy = Parameters<BooksRail['findMoney']>[0]

/** Whatever happened to a refund, a dispute or their charge: look at the charge with all that belongs to it. */
const convergeMoney =
  (findBy: (objectId: string) => FindBy): StripeEventHandler =>
  async ({ id, type, objectId }, { db, rail, now }) => {
    const money = objectId === null ? null : await rail.books.findMoney(findBy(objectId))
    if (!money) {
      throw new Error(
        `Stripe knows no money for ${type} (${id}, ${objectId}); is the webhook set up for another account?`,
      )
    }
    const settle = await settlingOf({ db, rail, now }, money)
    return async (tx) => {
      await settle?.(tx)
      return applyMoney(tx, { money, now })
    }
  }

/** The purchase may not be booked yet, since events come in any order. Then it is booked first. */
async function settlingOf({ db, rail, now }: Context, { orderId, paymentIntentId }: TakenMoney) {
  if (paymentIntentId === null) return null
  if (orderId === null) return settlingOfPeriod({ db, rail, now }, paymentIntentId)
  const checkoutId = await rail.books.findCheckoutId({ paymentIntentId })
  const checkout = checkoutId === null ? null : await rail.findCheckout(checkoutId)
  if (checkout?.mode !== 'payment') return null
  return (tx: Prisma.TransactionClient) => applyCheckout(tx, { checkout, rail, now })
}

/** What pays for a period of a subscription names no order, only its invoice. */
async function settlingOfPeriod({ db, rail, now }: Context, paymentIntentId: string) {
  if (await db.payment.findUnique({ where: { paymentIntentId }, select: { id: true } })) return null
  const subscriptionId = await rail.subscriptions.findIdByPayment(paymentIntentId)
  return subscriptionId === null ? null : convergeSubscription({ db, rail, objectId: subscriptionId, now })
}

const byCharge = convergeMoney((chargeId) => ({ chargeId }))
const byRefund = convergeMoney((refundId) => ({ refundId }))
const byDispute = convergeMoney((disputeId) => ({ disputeId }))

/** Events about money that went back, or that a bank wants back. */
export const moneyEventHandlers: Readonly<Record<string, StripeEventHandler>> = {
  'charge.refunded': byCharge,
  'refund.created': byRefund,
  'refund.updated': byRefund,
  'refund.failed': byRefund,
  'charge.dispute.created': byDispute,
  'charge.dispute.updated': byDispute,
  'charge.dispute.closed': byDispute,
  'charge.dispute.funds_withdrawn': byDispute,
  'charge.dispute.funds_reinstated': byDispute,
}
