import { judgeDispute } from '#core/payments/disputes/judge-dispute.ts'
import { lockPayment } from '#core/payments/refunds/payment-shares.ts'
import type { Prisma, RefundRequest } from '#prisma'

export interface RefundWish {
  paymentId: string
  /** In minor units of the payment's currency; null for all that is left. */
  amountMinor: number | null
  reason: string
  /** Who wants it, as the ledger names people. */
  actor: string
  /** The support case that it answers. */
  caseId?: string
}

export type RequestedRefund =
  | { status: 'requested'; request: RefundRequest }
  | { status: 'unknown_payment' }
  /** The payment was made on a rail that gives money back in its own way. */
  | { status: 'other_rail' }
  | { status: 'nothing_left' }
  /** More than is left of the payment. */
  | { status: 'too_much'; leftMinor: number; currency: string }
  /** A bank has the money or is deciding about it; Stripe refuses to give it back a second time. */
  | { status: 'disputed' }
  /** The fate of another refund of this payment is not known yet. */
  | { status: 'busy' }

/**
 * Writes down that money is to be given back, before anybody asks the rail. Nothing is given back by this alone: call
 * `carryOutRefund` after the commit, or leave it to the reconciler. One request per payment is open at a time.
 */
export async function requestRefund(
  tx: Prisma.TransactionClient,
  { paymentId, amountMinor, reason, actor, caseId }: RefundWish,
): Promise<RequestedRefund> {
  const known = await tx.payment.findUnique({ where: { id: paymentId }, select: { rail: true } })
  if (!known) return { status: 'unknown_payment' }
  if (known.rail !== 'stripe') return { status: 'other_rail' }
  const payment = await lockPayment(tx, { paymentId })
  const open = await tx.refundRequest.findFirst({ where: { paymentId, state: 'asked' }, select: { id: true } })
  if (open) return { status: 'busy' }
  const disputes = await tx.dispute.findMany({ where: { paymentId }, select: { status: true } })
  if (disputes.some(({ status }) => ['open', 'lost'].includes(judgeDispute(status)))) return { status: 'disputed' }
  const leftMinor = payment.amountMinor - payment.refundedMinor
  if (leftMinor === 0) return { status: 'nothing_left' }
  const wanted = amountMinor ?? leftMinor
  if (wanted > leftMinor || wanted < 1) return { status: 'too_much', leftMinor, currency: payment.currency }
  const request = await tx.refundRequest.create({ data: { paymentId, amountMinor: wanted, reason, actor, caseId } })
  return { status: 'requested', request }
}
