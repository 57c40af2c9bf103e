import { giveBack } from '#core/ledger/give-back.ts'
import { takeBack } from '#core/ledger/take-back.ts'
import { lockAccounts, referralRefs } from '#core/promotions/reward-referral.ts'
import type { LedgerEntry, Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

interface FirstPurchase {
  /** The buyer. */
  userId: bigint
  /** What the purchase is booked under (`order:<id>`). */
  purchaseRef: string
}

/** A reward that was given, and the times it was taken back and came back. */
interface Reward {
  given: LedgerEntry
  withdrawn: LedgerEntry[]
  restored: LedgerEntry[]
}

/**
 * Takes the rewards of an invitation back from both, as far as they are unspent; nobody owes anything for them.
 * For a purchase that was given back wholly. Does nothing unless that purchase was the buyer's first, and nothing when
 * repeated. Call it before the buyer's account is locked. Returns the credits that were taken from both together.
 */
export async function withdrawReferral(tx: Tx, purchase: FirstPurchase): Promise<number> {
  let taken = 0
  for (const reward of await lockRewards(tx, purchase)) taken += await withdraw(tx, reward)
  return taken
}

/**
 * The opposite, for a purchase whose money did not go back after all: both have again what was taken from them. Does
 * nothing when nothing was taken. Call it before the buyer's account is locked.
 */
export async function restoreReferral(tx: Tx, purchase: FirstPurchase): Promise<void> {
  for (const reward of await lockRewards(tx, purchase)) await restore(tx, reward)
}

async function lockRewards(tx: Tx, { userId, purchaseRef }: FirstPurchase): Promise<Reward[]> {
  if (!(await wasFirst(tx, userId, purchaseRef))) return []
  const refs = [referralRefs.referred(userId), referralRefs.referrer(userId)]
  const entries = await tx.ledgerEntry.findMany({
    where: { kind: 'referral', OR: refs.flatMap((ref) => [{ ref }, { ref: { startsWith: `${ref}:` } }]) },
  })
  await lockAccounts(
    tx,
    entries.map((entry) => entry.userId),
  )
  const isRestored = ({ ref }: LedgerEntry) => ref.endsWith(RESTORED)
  return entries
    .filter(({ ref }) => refs.includes(ref))
    .map((given) => {
      const later = entries.filter(({ ref }) => ref.startsWith(`${given.ref}:`))
      return { given, withdrawn: later.filter((entry) => !isRestored(entry)), restored: later.filter(isRestored) }
    })
}

const RESTORED = ':restored'

async function wasFirst(tx: Tx, userId: bigint, purchaseRef: string): Promise<boolean> {
  const first = await tx.ledgerEntry.findFirst({
    where: { userId, kind: 'purchase' },
    orderBy: { version: 'asc' },
    select: { ref: true },
  })
  return first?.ref === purchaseRef
}

async function withdraw(tx: Tx, { given, withdrawn, restored }: Reward): Promise<number> {
  if (withdrawn.length > restored.length) return 0
  const ref = `${given.ref}:withdrawn`
  const back = await takeBack(tx, {
    userId: given.userId,
    kind: 'referral',
    // A refund that failed may be made anew.
    ref: withdrawn.length === 0 ? ref : `${ref}:${withdrawn.length + 1}`,
    bonus: given.bonusDelta,
    owes: false,
    contra: 'promotions',
    actor: 'system',
    reason: 'The purchase was given back',
  })
  return back.status === 'taken' ? back.takenBonus : 0
}

async function restore(tx: Tx, { withdrawn, restored }: Reward): Promise<void> {
  const refs = new Set(restored.map(({ ref }) => ref))
  for (const { userId, ref, bonusDelta } of withdrawn) {
    if (refs.has(ref + RESTORED)) continue
    await giveBack(tx, {
      userId,
      kind: 'referral',
      ref: ref + RESTORED,
      bonus: 0 - bonusDelta,
      contra: 'promotions',
      actor: 'system',
      reason: 'The purchase was not given back after all',
    })
  }
}
