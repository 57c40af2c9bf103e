import { takeBack } from '#core/ledger/take-back.ts'
import { lockAccounts, referralRefs } from '#core/promotions/reward-referral.ts'
import type { LedgerEntry, Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

/**
 * Takes the rewards of an invitation back from both, as far as they are unspent; nobody owes anything for them.
 * For a purchase that was given back wholly: `userId` is the buyer, `purchaseRef` what the purchase is booked under
 * (`order:<id>`). Does nothing unless that purchase was the buyer's first, and nothing when repeated.
 * Call it before the buyer's account is locked. Returns the credits that were taken from both together.
 */
export async function withdrawReferral(
  tx: Tx,
  { userId, purchaseRef }: { userId: bigint; purchaseRef: string },
): Promise<number> {
  if (!(await wasFirst(tx, userId, purchaseRef))) return 0
  const refs = [referralRefs.referred(userId), referralRefs.referrer(userId)]
  const rewards = await tx.ledgerEntry.findMany({ where: { kind: 'referral', ref: { in: refs } } })
  await lockAccounts(
    tx,
    rewards.map((reward) => reward.userId),
  )
  let taken = 0
  for (const reward of rewards) taken += await withdraw(tx, reward)
  return taken
}

async function wasFirst(tx: Tx, userId: bigint, purchaseRef: string): Promise<boolean> {
  const first = await tx.ledgerEntry.findFirst({
    where: { userId, kind: 'purchase' },
    orderBy: { version: 'asc' },
    select: { ref: true },
  })
  return first?.ref === purchaseRef
}

async function withdraw(tx: Tx, { userId, ref, bonusDelta }: LedgerEntry): Promise<number> {
  const back = await takeBack(tx, {
    userId,
    kind: 'referral',
    ref: `${ref}:withdrawn`,
    bonus: bonusDelta,
    owes: false,
    contra: 'promotions',
    actor: 'system',
    reason: 'The purchase was given back',
  })
  return back.status === 'taken' ? back.takenBonus : 0
}
