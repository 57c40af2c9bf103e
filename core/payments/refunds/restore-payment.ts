import { giveBack } from '#core/ledger/give-back.ts'
import { lockAccount } from '#core/ledger/lock-account.ts'
import { notify } from '#core/live/notify.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { countReversal } from '#core/payments/refunds/count-reversal.ts'
import { labelOf, tellOfFailedRefund } from '#core/payments/refunds/notices-of-refunds.ts'
import {
  type LockedPayment,
  lockPayment,
  recordReversal,
  type Shares,
  sharesOf,
} from '#core/payments/refunds/payment-shares.ts'
import { reversalRef } from '#core/payments/refunds/reverse-payment.ts'
import { restoreReferral } from '#core/promotions/withdraw-referral.ts'
import type { Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

/**
 * The opposite of `reversePayment`: less money went back than was thought, because a refund failed or a lost dispute was
 * won after all. `refundedMinor` is the sum that did go back. Gives back what the difference stands for, as far as it was
 * taken; debt is settled first. Does nothing when no more than that was accounted for. In the caller's transaction.
 */
export async function restorePayment(
  tx: Tx,
  {
    paymentId,
    refundedMinor,
    actor,
    because,
  }: { paymentId: string; refundedMinor: number; actor: string; because: 'refund_failed' | 'dispute_won' },
): Promise<{ status: 'restored'; given: Shares } | { status: 'nothing_new' }> {
  const payment = await lockPayment(tx, { paymentId })
  if (refundedMinor >= payment.refundedMinor) return { status: 'nothing_new' }
  const target = sharesOf(payment, refundedMinor)
  await countReversal(tx, { payment, refundedMinor })
  await restoreReward(tx, payment)
  const taken = await takenSoFar(tx, payment)
  const given: Shares = {
    paid: payment.reversedPaid - target.paid,
    // What was gone already could not be taken, so it is not given back either.
    bonus: Math.max(0, taken.bonus - target.bonus),
    seconds: Math.max(0, taken.seconds - target.seconds),
  }
  const balance = await giveShares(tx, { payment, refundedMinor, given, actor, reason: REASONS[because] })
  await recordReversal(tx, { paymentId, refundedMinor, target })
  if (payment.userId !== null) {
    const args = {
      label: labelOf(payment),
      credits: given.paid + given.bonus,
      seconds: given.seconds,
      balance: balance ?? 0,
    }
    await enqueueNotice(tx, { userId: payment.userId, text: NOTICES[because], args })
  }
  // What a bank decided is told with the dispute.
  if (because === 'refund_failed') await tellOfFailedRefund(tx, { payment, refundedMinor })
  await notify(tx, 'live')
  return { status: 'restored', given }
}

const REASONS = { refund_failed: 'The refund did not arrive', dispute_won: 'The bank found the payment good' } as const
const NOTICES = { refund_failed: 'refund-undone', dispute_won: 'dispute-freed' } as const

interface Giving {
  payment: LockedPayment
  refundedMinor: number
  given: Shares
  actor: string
  reason: string
}

async function giveShares(tx: Tx, { payment, refundedMinor, given, actor, reason }: Giving): Promise<number | null> {
  const { userId } = payment
  if (userId === null) return null
  const { paid, bonus, seconds: passSeconds } = given
  if (paid + bonus + passSeconds === 0) return (await lockAccount(tx, { userId })).balance
  const ref = reversalRef(payment, refundedMinor)
  const back = await giveBack(tx, {
    userId,
    kind: 'refund',
    ref,
    paid,
    bonus,
    passSeconds,
    contra: 'sales',
    actor,
    reason,
  })
  if (back.status === 'duplicate') throw new Error(`The restoring of payment ${payment.id} is in the ledger already`)
  return back.balance
}

/** What went with the last of the money comes back with the first. Before the buyer's account is locked, as it was taken. */
async function restoreReward(tx: Tx, { userId, order, refundedMinor, amountMinor }: LockedPayment): Promise<void> {
  if (userId === null || !order || refundedMinor < amountMinor) return
  await restoreReferral(tx, { userId, purchaseRef: `order:${order.id}` })
}

/** Bonus credits and seconds that the reversals of this payment took, after what was given back. */
async function takenSoFar(tx: Tx, { id, userId }: LockedPayment): Promise<Pick<Shares, 'bonus' | 'seconds'>> {
  if (userId === null) return { bonus: 0, seconds: 0 }
  const { _sum } = await tx.ledgerEntry.aggregate({
    where: { userId, kind: 'refund', ref: { startsWith: `payment:${id}:` } },
    _sum: { bonusDelta: true, passSeconds: true },
  })
  return { bonus: -(_sum.bonusDelta ?? 0), seconds: -(_sum.passSeconds ?? 0) }
}
