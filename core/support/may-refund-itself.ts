import { DAY_MS } from '#core/durations.ts'
import { referralRefs } from '#core/promotions/reward-referral.ts'
import type { Prisma } from '#prisma'

const AGAIN_AFTER_MS = 30 * DAY_MS

/**
 * Whether a payment may be given back without the team: less than `belowMinor` (0 switches it off), nothing of it used
 * or given back, and no other such refund to this user in the last thirty days. Call it with the user's row locked.
 */
export async function mayRefundItself(
  tx: Prisma.TransactionClient,
  { userId, paymentId, belowMinor, now }: { userId: bigint; paymentId: string; belowMinor: number; now: Date },
): Promise<boolean> {
  const payment = await tx.payment.findUnique({ where: { id: paymentId }, include: { order: true } })
  if (payment?.state !== 'granted' || payment.rail !== 'stripe') return false
  if (payment.amountMinor >= belowMinor || payment.refundedMinor > 0) return false
  // A content was seen, and a subscription is more than one payment.
  if (payment.order?.kind !== 'credits' && payment.order?.kind !== 'time') return false
  const since = new Date(now.getTime() - AGAIN_AFTER_MS)
  const earlier = await tx.supportCase.count({ where: { userId, decidedBy: 'system', decidedAt: { gt: since } } })
  if (earlier > 0) return false
  return isUnused(tx, { userId, orderId: payment.order.id, since: payment.createdAt })
}

/** Nothing was spent and nothing was written since, so neither credits nor time of the purchase served anybody. */
async function isUnused(
  tx: Prisma.TransactionClient,
  { userId, orderId, since }: { userId: bigint; orderId: string; since: Date },
): Promise<boolean> {
  const purchase = await tx.ledgerEntry.findUnique({
    where: { kind_ref: { kind: 'purchase', ref: `order:${orderId}` } },
    select: { version: true, debtDelta: true },
  })
  // What settled a debt is used up.
  if (!purchase || purchase.debtDelta !== 0) return false
  if (await hasRewardedInviter(tx, { userId, version: purchase.version })) return false
  const spent = await tx.ledgerEntry.count({ where: { userId, version: { gt: purchase.version }, amount: { lt: 0 } } })
  const written = await tx.message.count({ where: { userId, direction: 'in', createdAt: { gte: since } } })
  return spent + written === 0
}

/** For a first purchase whoever invited the buyer got credits, and may have used them. */
async function hasRewardedInviter(
  tx: Prisma.TransactionClient,
  { userId, version }: { userId: bigint; version: number },
): Promise<boolean> {
  const rewards = await tx.ledgerEntry.count({ where: { kind: 'referral', ref: referralRefs.referrer(userId) } })
  if (rewards === 0) return false
  const earlier = await tx.ledgerEntry.count({ where: { userId, kind: 'purchase', version: { lt: version } } })
  return earlier === 0
}
