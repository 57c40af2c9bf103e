import { forfeitRef } from '#core/ledger/forfeit-ref.ts'
import { lockAccount } from '#core/ledger/lock-account.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { takeBack } from '#core/ledger/take-back.ts'
import { notify } from '#core/live/notify.ts'
import { countReversal } from '#core/payments/refunds/count-reversal.ts'
import { tellOfReversal } from '#core/payments/refunds/notices-of-refunds.ts'
import {
  type LockedPayment,
  lockPayment,
  recordReversal,
  type Shares,
  sharesOf,
} from '#core/payments/refunds/payment-shares.ts'
import { withdrawUnlock } from '#core/payments/refunds/withdraw-unlock.ts'
import { withdrawReferral } from '#core/promotions/withdraw-referral.ts'
import type { Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

/** Why the money went back. */
export interface ReversalCause {
  kind: 'refund' | 'dispute_lost'
  /** Who caused it, as the ledger names people: `stripe`, `stars`, `team:<id>`, `system`. */
  actor: string
  reason?: string
}

export type Reversed =
  | {
      status: 'reversed'
      /** What was taken back now; `owed` of the paid credits were spent already and are debt. */
      taken: Shares & { owed: number }
      /** Credits after it, debt subtracted; null when the payment belongs to nobody. */
      balance: number | null
    }
  /** That much money, or more, was accounted for before. */
  | { status: 'nothing_new' }

/**
 * Accounts for money that went back: `refundedMinor` is the sum of all that went back for this payment up to now, in
 * minor units of its currency. Takes back what that sum stands for minus what was taken back before: paid credits (what
 * was spent becomes debt), bonus credits and pass time (as far as they are left), the place in the statistics, and with
 * the last of the money the right to a content. Tells the user and the team. All of it in the caller's transaction.
 *
 * Any order and repetition of sums ends in the same books: a sum that was reached before changes nothing.
 * The caller keeps the row of the refund itself. Throws a RangeError for more than was paid.
 */
export async function reversePayment(
  tx: Tx,
  {
    paymentId,
    refundedMinor,
    cause,
    now,
  }: { paymentId: string; refundedMinor: number; cause: ReversalCause; now: Date },
): Promise<Reversed> {
  const payment = await lockPayment(tx, { paymentId })
  if (refundedMinor > payment.amountMinor) {
    throw new RangeError(
      `${refundedMinor} of payment ${paymentId} cannot have gone back, it was ${payment.amountMinor}`,
    )
  }
  if (refundedMinor <= payment.refundedMinor) return { status: 'nothing_new' }

  const target = sharesOf(payment, refundedMinor)
  // The user's row is locked before the account, as everywhere.
  await countReversal(tx, { payment, refundedMinor })
  if (refundedMinor === payment.amountMinor) await withdrawReward(tx, payment)
  const { taken, balance } = await takeShares(tx, { payment, target, refundedMinor, cause })
  await recordReversal(tx, { paymentId, refundedMinor, target })
  if (refundedMinor === payment.amountMinor) await withdrawUnlock(tx, { payment, now })
  await tellOfReversal(tx, { payment, refundedMinor, cause, taken, balance })
  await notify(tx, 'live')
  return { status: 'reversed', taken, balance }
}

/** Before the buyer's account is locked, because the account of who invited them is locked too, in one order. */
async function withdrawReward(tx: Tx, { userId, order }: LockedPayment): Promise<void> {
  if (userId !== null && order) await withdrawReferral(tx, { userId, purchaseRef: `order:${order.id}` })
}

interface Taking {
  payment: LockedPayment
  target: Shares
  refundedMinor: number
  cause: ReversalCause
}

async function takeShares(
  tx: Tx,
  { payment, target, refundedMinor, cause }: Taking,
): Promise<Pick<Extract<Reversed, { status: 'reversed' }>, 'taken' | 'balance'>> {
  const nothing = { paid: 0, bonus: 0, seconds: 0, owed: 0 }
  const { userId } = payment
  if (userId === null) return { taken: nothing, balance: null }
  const held = await lockAccount(tx, { userId })
  const paid = target.paid - payment.reversedPaid
  const bonus = target.bonus - payment.reversedBonus
  const seconds = Math.min(target.seconds - payment.reversedSeconds, held.passSeconds)
  if (paid + bonus + seconds === 0) return { taken: nothing, balance: held.balance }
  await returnForfeited(tx, { payment, missing: paid - held.paid, ref: reversalRef(payment, refundedMinor) })
  const back = await takeBack(tx, {
    userId,
    kind: 'refund',
    ref: reversalRef(payment, refundedMinor),
    paid,
    bonus,
    passSeconds: seconds,
    owes: true,
    contra: 'sales',
    actor: cause.actor,
    reason: cause.reason,
  })
  if (back.status === 'duplicate') throw new Error(`The reversal of payment ${payment.id} is in the ledger already`)
  return {
    taken: { paid: back.takenPaid, bonus: back.takenBonus, seconds, owed: back.owed },
    balance: back.balance,
  }
}

/** What was forfeited with the account was never spent, so nobody owes it: it comes back, to be taken by the reversal. */
async function returnForfeited(
  tx: Tx,
  { payment, missing, ref }: { payment: LockedPayment; missing: number; ref: string },
): Promise<void> {
  const { userId, createdAt } = payment
  if (userId === null || missing <= 0) return
  const { _sum: forfeited } = await tx.ledgerEntry.aggregate({
    where: { userId, kind: 'adjustment', ref: { startsWith: forfeitRef(userId) }, createdAt: { gt: createdAt } },
    _sum: { paidDelta: true },
  })
  const paidDelta = Math.min(missing, 0 - (forfeited.paidDelta ?? 0))
  if (paidDelta <= 0) return
  const facts = { userId, kind: 'adjustment', contra: 'corrections', actor: 'system' } as const
  await postEntry(tx, {
    ...facts,
    ref: `${forfeitRef(userId)}${ref}`,
    paidDelta,
    reason: 'Forfeited, and now refunded',
  })
}

/**
 * Names the movement by payment, number and sum. The number tells apart the same sum before and after a refund failed.
 */
export function reversalRef({ id, reversals }: Pick<LockedPayment, 'id' | 'reversals'>, refundedMinor: number): string {
  return `payment:${id}:${reversals + 1}:${refundedMinor}`
}
