import { type LockedPayment, shareOf } from '#core/payments/refunds/payment-shares.ts'
import { orderOfStarsSubscription } from '#core/payments/stars/grant-stars-month.ts'
import { uncountRefund } from '#core/users/uncount-refund.ts'
import type { Prisma } from '#prisma'

/**
 * Takes from the user's statistics, which decide about their tier, what a granted payment no longer is worth, after the
 * money given back moved from the recorded sum to `refundedMinor`; a lower sum counts it again. A purchase that is given
 * back whole is none.
 */
export async function countReversal(
  tx: Prisma.TransactionClient,
  { payment, refundedMinor }: { payment: LockedPayment; refundedMinor: number },
): Promise<void> {
  if (payment.userId === null || payment.state !== 'granted') return
  const { amountMinor: wholeMinor } = payment
  // A payment in Stars was counted with the price in the shop's currency.
  const counted = payment.rail === 'stars' ? await priceOf(tx, payment) : wholeMinor
  const valueOf = (partMinor: number) => shareOf(counted, { partMinor, wholeMinor })
  const isWhole = (partMinor: number) => (partMinor === wholeMinor ? 1 : 0)
  await uncountRefund(tx, {
    userId: payment.userId,
    amountMinor: valueOf(refundedMinor) - valueOf(payment.refundedMinor),
    purchases: isWhole(refundedMinor) - isWhole(payment.refundedMinor),
  })
}

/** A further month belongs to its subscription alone, which is named by the order that began it. */
async function priceOf(
  tx: Prisma.TransactionClient,
  { order, subscriptionId, amountMinor }: LockedPayment,
): Promise<number> {
  if (order || subscriptionId === null) return order?.priceMinor ?? amountMinor
  const id = orderOfStarsSubscription(subscriptionId)
  return (await tx.order.findUniqueOrThrow({ where: { id }, select: { priceMinor: true } })).priceMinor
}
