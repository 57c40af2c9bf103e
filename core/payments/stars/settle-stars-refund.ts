import { resolveAlert } from '#core/alerts/raise-alert.ts'
import { reversePayment } from '#core/payments/refunds/reverse-payment.ts'
import { settleInTurn } from '#core/payments/settle-in-turn.ts'
import type { PrismaClient } from '#prisma'

export type StarsRefundSettled =
  /** Booked now: what the Stars had brought was taken back. */
  | { status: 'booked' }
  | { status: 'booked_before' }
  /** We have no such payment. */
  | { status: 'unknown' }

/**
 * Books that Telegram gave the Stars of a payment back, whoever asked for it: by us, by Telegram's own support. Once,
 * however often it is told. Stars go back whole; Telegram knows no parts.
 */
export async function settleStarsRefund(
  db: PrismaClient,
  { chargeId, now }: { chargeId: string; now: Date },
): Promise<StarsRefundSettled> {
  return settleInTurn(db, async (tx) => {
    const payment = await tx.payment.findUnique({ where: { starsChargeId: chargeId } })
    if (!payment) return { status: 'unknown' }
    const { id: paymentId, amountMinor, currency } = payment
    const asked = await tx.refundRequest.findFirst({ where: { paymentId, state: 'asked' } })
    const cause = { actor: asked?.actor ?? 'stars', ...(asked ? { reason: asked.reason } : {}) }
    const { status } = await reversePayment(tx, {
      paymentId,
      refundedMinor: amountMinor,
      cause: { kind: 'refund', ...cause },
      now,
    })
    const refundId = `stars:${chargeId}`
    await tx.refund.createMany({
      data: { id: refundId, paymentId, amountMinor, currency, status: 'succeeded', ...cause },
      skipDuplicates: true,
    })
    await tx.refundRequest.updateMany({
      where: { paymentId, state: 'asked' },
      data: { state: 'made', refundId, endedAt: now },
    })
    // Stars that fitted nothing have found their end.
    await resolveAlert(tx, { key: `payment-quarantined:stars:${chargeId}` })
    return { status: status === 'reversed' ? 'booked' : 'booked_before' }
  })
}
