import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { lockPlan } from '#core/recharge/lock-plan.ts'
import type { Prisma } from '#prisma'

/** Why auto-recharge ends. Whoever did not do it themselves is told. */
export type OffReason = 'user' | 'erased' | 'dispute'

/**
 * Turns a user's auto-recharge off, inside the caller's transaction: no message asks for one any more, what was asked
 * for is not charged, and a charge that was made but not confirmed yet is called back by the worker. After a dispute
 * the card is forgotten as well, so that it takes the buyer to save one again.
 * Call it before the transaction touches the user's account, so that its locks are taken in everybody's order.
 * `was_off` when there was nothing to turn off; then nothing changed and nobody is told.
 */
export async function switchOffRecharge(
  tx: Prisma.TransactionClient,
  { userId, reason }: { userId: bigint; reason: OffReason },
): Promise<{ status: 'switched_off' | 'was_off' }> {
  const plan = await lockPlan(tx, { userId })
  if (!plan || plan.state === 'off') return { status: 'was_off' }
  const card = { paymentMethodId: null, cardFingerprint: null, cardBrand: null, cardLast4: null }
  await tx.rechargePlan.update({
    where: { userId },
    data: {
      state: 'off',
      suspendedReason: reason === 'user' ? null : reason,
      cardSessionId: null,
      cappedUntil: null,
      ...(reason === 'user' ? {} : card),
    },
  })
  // The account before the attempts, as a debit does it.
  await tx.account.updateMany({ where: { userId }, data: { rechargeBelow: null } })
  await tx.rechargeAttempt.updateMany({
    where: { userId, state: 'due' },
    data: { state: 'skipped', problem: 'off', endedAt: new Date(), nextTryAt: null },
  })
  if (reason === 'dispute') await enqueueNotice(tx, { userId, text: 'recharge-off-dispute' })
  return { status: 'switched_off' }
}
