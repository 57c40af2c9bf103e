import { sendKeptMessages } from '#core/kept-messages/send-kept-messages.ts'
import { notify } from '#core/live/notify.ts'
import { rewardReferral } from '#core/promotions/reward-referral.ts'
import { holdTierRules } from '#core/users/tier-rules.ts'
import type { Prisma, Rail } from '#prisma'

type Tx = Prisma.TransactionClient

export interface Purchase {
  userId: bigint
  /** What it is booked under, at most once. */
  ref: string
  rail: Rail
  /** What was bought, as the books name it. */
  label: string
  /** What was paid, in minor units of the shop's currency. */
  amountMinor: number
  /** Credits that were bought. */
  paid?: number
  /** Bonus credits that come with them. */
  bonus: number
  /** Seconds of pass that were bought. */
  passSeconds?: number
  /** Whether the buyer's tier earns bonus credits on the credits bought. */
  isLoyal: boolean
  /** The row of the money that paid for it; it remembers what was granted, and knows the customer at Stripe. */
  paymentId: string
}

export interface Booked {
  /** Credits after all of it, debt subtracted. */
  balance: number
  passUntil: Date | null
  /** Bonus credits for loyalty among them. */
  loyalty: number
}

/**
 * Books what a payment brings: in the ledger, in what the buyer has spent, their tier and their customer at Stripe, on
 * the payment, and for who invited the buyer. The caller has just won the payment and its order for itself; should the
 * ledger know the purchase already, something is badly wrong, and everything is rolled back by an error.
 */
export async function bookPurchase(tx: Tx, purchase: Purchase): Promise<Booked> {
  const { userId, ref, rail, label, amountMinor, paid = 0, bonus, passSeconds = 0, isLoyal, paymentId } = purchase
  const { tiers, loyaltyPercent, referralCredits } = await holdTierRules(tx)
  await rewardReferral(tx, { userId, rewards: referralCredits })
  const [booked] = await tx.$queryRaw<(Booked & { hasKept: boolean })[]>`
    SELECT balance, pass_until AS "passUntil", loyalty, has_kept AS "hasKept" FROM book_purchase(
      ${userId}::bigint, ${ref}::text, ${amountMinor}::int, ${paid}::int, ${bonus}::int, ${passSeconds}::int,
      ${JSON.stringify(isLoyal ? loyaltyPercent : {})}::jsonb, ${JSON.stringify(tiers)}::jsonb, ${paymentId}::uuid,
      ${rail}::text, ${label}::text)`
  if (!booked) throw new Error(`The purchase ${ref} is in the ledger already`)
  const { hasKept, ...after } = booked
  if (hasKept && (paid > 0 || after.loyalty + bonus > 0 || passSeconds > 0)) await sendKeptMessages(tx, { userId })
  await notify(tx, 'live')
  return after
}
