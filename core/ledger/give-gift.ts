import { type Actor, recordAudit } from '#core/audit/record-audit.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { notify } from '#core/live/notify.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import type { PrismaClient } from '#prisma'

/** The most credits one gift may bring. */
export const MAX_GIFT_CREDITS = 10_000

/**
 * Gives bonus credits to a user and tells them. `ref` names the act (the button's message, say): however often it is
 * repeated, the gift is given once. With `until` the credits end then. Throws a RangeError for an amount outside
 * 1 … MAX_GIFT_CREDITS.
 */
export async function giveGift(
  prisma: PrismaClient,
  gift: { userId: bigint; credits: number; reason: string; ref: string; actor: Actor; until?: Date },
): Promise<{ status: 'given'; balance: number } | { status: 'duplicate' }> {
  const { userId, credits, reason, ref, actor, until } = gift
  if (!Number.isInteger(credits) || credits < 1 || credits > MAX_GIFT_CREDITS) {
    throw new RangeError(`A gift is 1 to ${MAX_GIFT_CREDITS} credits, not ${credits}`)
  }
  return prisma.$transaction(async (tx) => {
    const posted = await postEntry(tx, {
      userId,
      kind: 'gift',
      ref,
      bonusDelta: credits,
      bonusExpiresAt: until,
      contra: 'promotions',
      actor: `team:${actor.id}`,
      reason,
    })
    if (posted.status === 'duplicate') return posted
    const after = { credits, ...(until && { until: until.toISOString() }) }
    await recordAudit(tx, { actor, action: 'user.gift', target: `user:${userId}`, after, reason })
    const args = { credits, balance: posted.balance }
    await enqueueNotice(tx, {
      userId,
      ...(until
        ? { text: 'notice-gift-ending', args: { ...args, until: until.getTime() } }
        : { text: 'notice-gift', args }),
    })
    await notify(tx, 'live')
    return { status: 'given', balance: posted.balance }
  })
}
