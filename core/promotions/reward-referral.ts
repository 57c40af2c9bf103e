import { postEntry } from '#core/ledger/post-entry.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import type { Settings } from '#core/settings/settings.ts'
import type { Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

/** The references under which the two rewards of one invitation are booked, each once for ever. */
export const referralRefs = {
  referrer: (referredId: bigint) => `referrer:${referredId}`,
  referred: (referredId: bigint) => `referred:${referredId}`,
} as const

interface Invited {
  referrerId: bigint
  isReferrerBanned: boolean
}

/**
 * Rewards an invitation: bonus credits for who came and for who invited them, and a notice for both. Call it in the
 * transaction of a grant before the purchase is booked. Gives nothing unless somebody invited the buyer and this is
 * their very first purchase; a banned inviter gets nothing.
 */
export async function rewardReferral(
  tx: Tx,
  { userId, rewards }: { userId: bigint; rewards: Settings['referralCredits'] },
): Promise<void> {
  if (rewards.referrer === 0 && rewards.referred === 0) return
  const invited = await findInvitation(tx, userId)
  if (!invited) return
  // Of two purchases at once only one is the first. Before the accounts, as everywhere.
  await tx.$executeRaw`SELECT 1 FROM users WHERE id = ${userId} FOR NO KEY UPDATE`
  if (await hasBought(tx, userId)) return
  const { referrerId, isReferrerBanned } = invited
  await lockAccounts(tx, [userId, referrerId])
  const referred = { userId, credits: rewards.referred, ref: referralRefs.referred(userId) }
  await reward(tx, { ...referred, reason: 'Came by an invitation', text: 'notice-referral-referred' })
  if (isReferrerBanned) return
  const referrer = { userId: referrerId, credits: rewards.referrer, ref: referralRefs.referrer(userId) }
  await reward(tx, { ...referrer, reason: 'Invited somebody', text: 'notice-referral-referrer' })
}

async function findInvitation(tx: Tx, userId: bigint): Promise<Invited | null> {
  const user = await tx.user.findUniqueOrThrow({
    where: { id: userId },
    select: { referredById: true, referredBy: { select: { bannedAt: true } } },
  })
  if (user.referredById === null) return null
  return { referrerId: user.referredById, isReferrerBanned: user.referredBy?.bannedAt != null }
}

/** By the ledger, which also remembers what was given back. */
async function hasBought(tx: Tx, userId: bigint): Promise<boolean> {
  return (await tx.ledgerEntry.findFirst({ where: { userId, kind: 'purchase' }, select: { id: true } })) !== null
}

/** In the order in which accepted messages lock accounts, so that the two cannot wait for each other. */
export async function lockAccounts(tx: Tx, userIds: readonly bigint[]): Promise<void> {
  await tx.$executeRaw`SELECT 1 FROM accounts WHERE user_id = ANY (${userIds}::bigint[]) ORDER BY user_id FOR UPDATE`
}

interface Reward {
  userId: bigint
  credits: number
  ref: string
  reason: string
  text: string
}

async function reward(tx: Tx, { userId, credits, ref, reason, text }: Reward): Promise<void> {
  if (credits === 0) return
  const posted = await postEntry(tx, {
    userId,
    kind: 'referral',
    ref,
    bonusDelta: credits,
    contra: 'promotions',
    actor: 'system',
    reason,
  })
  if (posted.status === 'duplicate') return
  await enqueueNotice(tx, { userId, text, args: { credits, balance: posted.balance } })
}
