import { DAY_MS } from '#core/durations.ts'
import { findNamedOrder } from '#core/payments/checkout/find-named-order.ts'
import { applyDisputes } from '#core/payments/disputes/apply-disputes.ts'
import { disputedPart } from '#core/payments/disputes/freeze-payment.ts'
import { judgeDispute } from '#core/payments/disputes/judge-dispute.ts'
import { applyRefunds } from '#core/payments/refunds/apply-refunds.ts'
import { lockPayment } from '#core/payments/refunds/payment-shares.ts'
import { restorePayment } from '#core/payments/refunds/restore-payment.ts'
import { reversePayment } from '#core/payments/refunds/reverse-payment.ts'
import { restoreUnlock, withdrawUnlock } from '#core/payments/refunds/withdraw-unlock.ts'
import type { TakenMoney } from '#core/rails/books-rail.ts'
import type { Payment, Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

export type AppliedMoney = { status: 'applied'; paymentId: string } | { status: 'foreign' }

/**
 * Brings our books in line with what the rail says became of money that was taken: its refunds and its disputes, all of
 * them at once. Rows only go forward (a refund that failed stays failed, a dispute that was won stays won), and what the
 * user lost follows from the rows, so that late, repeated and crossing readings end in the same books.
 * Call it in a transaction. Throws when the money is ours but not booked yet; then it is to be tried again.
 */
export async function applyMoney(tx: Tx, { money, now }: { money: TakenMoney; now: Date }): Promise<AppliedMoney> {
  const found = await findPayment(tx, money)
  if (!found) return judgeUnknown(tx, money, now)
  const { id: paymentId } = await lockPayment(tx, { paymentId: found.id })
  await tx.payment.updateMany({ where: { id: paymentId, chargeId: null }, data: { chargeId: money.chargeId } })
  const refunds = await applyRefunds(tx, { paymentId, refunds: money.refunds, now })
  const disputes = await applyDisputes(tx, { paymentId, money, now })

  await disputes.unfreezeDecided()
  const cause = disputes.lost ? ({ kind: 'dispute_lost', actor: 'stripe' } as const) : refunds.cause
  const refundedMinor = await sumOfWhatWentBack(tx, paymentId)
  await reversePayment(tx, { paymentId, refundedMinor, cause, now })
  const because = disputes.won ? 'dispute_won' : 'refund_failed'
  const restored = await restorePayment(tx, { paymentId, refundedMinor, actor: 'stripe', because })
  await disputes.freezeOpened()
  await settleUnlock(tx, { paymentId, mayReturn: disputes.won || restored.status === 'restored', now })
  await disputes.tell()
  return { status: 'applied', paymentId }
}

async function findPayment(tx: Tx, { chargeId, paymentIntentId }: TakenMoney): Promise<Pick<Payment, 'id'> | null> {
  return tx.payment.findFirst({
    where: { OR: [{ chargeId }, ...(paymentIntentId ? [{ paymentIntentId }] : [])] },
    select: { id: true },
  })
}

/** Money that we may be about to book must not lose its refund; somebody else's through the same account is none of ours. */
async function judgeUnknown(tx: Tx, money: TakenMoney, now: Date): Promise<AppliedMoney> {
  const { chargeId, orderId, customerId, createdAt } = money
  const order = await findNamedOrder(tx, orderId)
  const isRecent = now.getTime() - createdAt.getTime() < DAY_MS
  const customers =
    isRecent && customerId !== null ? await tx.user.count({ where: { stripeCustomerId: customerId } }) : 0
  if (order || customers > 0) throw new Error(`The payment of charge ${chargeId} is not booked yet`)
  return { status: 'foreign' }
}

/** All refunds that did not fail and all lost disputes, as far as there was money. */
async function sumOfWhatWentBack(tx: Tx, paymentId: string): Promise<number> {
  const payment = await tx.payment.findUniqueOrThrow({
    where: { id: paymentId },
    include: { refunds: { where: { status: { notIn: ['failed', 'canceled'] } } }, disputes: true },
  })
  const lost = payment.disputes.filter(({ status }) => judgeDispute(status) === 'lost')
  const refunded = payment.refunds.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
  const withdrawn = lost.reduce((sum, dispute) => sum + disputedPart(payment, dispute), 0)
  return Math.min(payment.amountMinor, refunded + withdrawn)
}

/**
 * A content stays locked while a bank examines its payment and after all the money went back. It is given back only when
 * money came back: the right may have been taken away for another reason.
 */
async function settleUnlock(
  tx: Tx,
  { paymentId, mayReturn, now }: { paymentId: string; mayReturn: boolean; now: Date },
): Promise<void> {
  const payment = await tx.payment.findUniqueOrThrow({ where: { id: paymentId }, include: { disputes: true } })
  const isExamined = payment.disputes.some(({ status }) => judgeDispute(status) === 'open')
  const isGivenBack = payment.amountMinor > 0 && payment.refundedMinor === payment.amountMinor
  if (isExamined || isGivenBack) await withdrawUnlock(tx, { payment, now })
  else if (mayReturn) await restoreUnlock(tx, { payment })
}
