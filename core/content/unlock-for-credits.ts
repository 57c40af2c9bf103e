import { claimRight, lockRight } from '#core/content/claim-right.ts'
import { ownsContent } from '#core/content/find-content.ts'
import { oweContent } from '#core/content/owe-content.ts'
import { lockAccount } from '#core/ledger/lock-account.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { notify } from '#core/live/notify.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import type { Prisma, PrismaClient } from '#prisma'

type Tx = Prisma.TransactionClient

export type UnlockOutcome =
  | { status: 'unlocked'; title: string; balance: number }
  /** It is theirs already; nothing was charged. */
  | { status: 'owned' }
  | { status: 'insufficient'; title: string; cost: number; credits: number }
  /** It costs something else by now; nothing was charged. */
  | { status: 'price_changed' }
  /** It is gone, out of sale, or not sold for credits. */
  | { status: 'unavailable' }
  | { status: 'banned' }

interface Wish {
  contentId: number
  userId: bigint
  /** The price that the user saw and agreed to. */
  cost: number
  now: Date
}

/**
 * Unlocks a content for credits: the right, the charge and the owed delivery commit together. However often and from
 * however many devices it is asked for, it is charged once. Throws when the user does not exist.
 */
export async function unlockForCredits(prisma: PrismaClient, wish: Wish): Promise<UnlockOutcome> {
  return prisma.$transaction(async (tx) => {
    const { contentId, userId, cost } = wish
    await lockRight(tx, wish)
    const user = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { bannedAt: true } })
    if (user.bannedAt) return { status: 'banned' }
    if (await ownsContent(tx, wish)) return { status: 'owned' }
    const content = await tx.content.findUnique({ where: { id: contentId } })
    if (!content?.active || content.priceCredits === null) return { status: 'unavailable' }
    if (content.priceCredits !== cost) return { status: 'price_changed' }
    const { title } = content
    const held = await lockAccount(tx, wish)
    if (held.paid + held.bonus < cost) {
      return { status: 'insufficient', title, cost, credits: held.balance }
    }
    const balance = await charge(tx, wish, { title, fromBonus: Math.min(held.bonus, cost) })
    await enqueueNotice(tx, { userId, text: 'notice-unlocked', args: { title, cost, balance } })
    await oweContent(tx, wish)
    await notify(tx, 'live')
    return { status: 'unlocked', title, balance }
  })
}

/** Bonus credits go first, as with messages. Returns what is left. */
async function charge(tx: Tx, wish: Wish, { title, fromBonus }: { title: string; fromBonus: number }): Promise<number> {
  const { contentId, userId, cost, now } = wish
  const isClaimed = await claimRight(tx, { contentId, userId, source: 'credits', now })
  const posted = await postEntry(tx, {
    userId,
    kind: 'unlock',
    ref: await nextRef(tx, wish),
    paidDelta: fromBonus - cost,
    bonusDelta: -fromBonus,
    contra: 'content',
    actor: 'user',
    reason: title,
  })
  if (!isClaimed || posted.status === 'duplicate')
    throw new Error(`Content ${contentId} of ${userId} was charged before`)
  return posted.balance
}

/** A right that was withdrawn and is bought again is another charge. */
async function nextRef(tx: Tx, { contentId, userId }: Wish): Promise<string> {
  const ref = `content:${contentId}:${userId}`
  const charges = await tx.ledgerEntry.count({
    where: { userId, kind: 'unlock', OR: [{ ref }, { ref: { startsWith: `${ref}:` } }] },
  })
  return charges === 0 ? ref : `${ref}:${charges + 1}`
}
