import { type Actor, recordAudit } from '#core/audit/record-audit.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { notify } from '#core/live/notify.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { hasRole } from '#core/team/roles.ts'
import type { Prisma, PrismaClient } from '#prisma'

type Tx = Prisma.TransactionClient

/** The most credits that one correction may take. */
export const MAX_CORRECTION_CREDITS = 1_000_000

export type Adjusted =
  | { status: 'adjusted'; balance: number }
  /** They hold less than that; nothing was taken. */
  | { status: 'too_little'; held: number }
  | { status: 'duplicate' }
  | { status: 'no_reason' }
  | { status: 'unknown_user' }
  | { status: 'forbidden' }

/**
 * Takes credits that somebody should not have, bonus credits first, and tells them why. Never more than they hold.
 * `ref` names the act: however often it is repeated, it is done once. Admins only, and only with a reason. Throws a
 * RangeError for an amount outside 1 … MAX_CORRECTION_CREDITS.
 */
export async function adjustBalance(
  prisma: PrismaClient,
  correction: { userId: bigint; takeCredits: number; reason: string; ref: string; actor: Actor },
): Promise<Adjusted> {
  const { userId, takeCredits, ref, actor } = correction
  const reason = correction.reason.trim()
  if (!hasRole(actor.role, 'admin')) return { status: 'forbidden' }
  if (reason === '') return { status: 'no_reason' }
  if (!Number.isInteger(takeCredits) || takeCredits < 1 || takeCredits > MAX_CORRECTION_CREDITS) {
    throw new RangeError(`A correction takes 1 to ${MAX_CORRECTION_CREDITS} credits, not ${takeCredits}`)
  }
  return prisma.$transaction(async (tx): Promise<Adjusted> => {
    const held = await lockHoldings(tx, userId)
    if (!held) return { status: 'unknown_user' }
    const isRepeated = await tx.ledgerEntry.findUnique({ where: { kind_ref: { kind: 'adjustment', ref } } })
    if (isRepeated) return { status: 'duplicate' }
    if (held.paid + held.bonus < takeCredits) return { status: 'too_little', held: held.paid + held.bonus }
    const fromBonus = Math.min(held.bonus, takeCredits)
    const posted = await postEntry(tx, {
      userId,
      kind: 'adjustment',
      ref,
      bonusDelta: 0 - fromBonus,
      paidDelta: fromBonus - takeCredits,
      contra: 'corrections',
      actor: `team:${actor.id}`,
      reason,
    })
    if (posted.status === 'duplicate') return posted
    const { balance } = posted
    const after = { credits: -takeCredits }
    await recordAudit(tx, { actor, action: 'user.adjust', target: `user:${userId}`, after, reason })
    await enqueueNotice(tx, { userId, text: 'notice-adjusted', args: { credits: takeCredits, reason, balance } })
    await notify(tx, 'live')
    return { status: 'adjusted', balance }
  })
}

/** What the user holds, kept as it is until the transaction ends; null for somebody without an account. */
async function lockHoldings(tx: Tx, userId: bigint): Promise<{ paid: number; bonus: number } | null> {
  const [held] = await tx.$queryRaw<{ paid: number; bonus: number }[]>`
    SELECT paid, bonus FROM accounts WHERE user_id = ${userId} FOR UPDATE`
  return held ?? null
}
