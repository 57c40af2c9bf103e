import { asUuid } from '#core/as-uuid.ts'
import type { ReversalCause } from '#core/payments/refunds/reverse-payment.ts'
import type { RailRefund } from '#core/rails/books-rail.ts'
import type { Prisma, RefundRequest } from '#prisma'

type Tx = Prisma.TransactionClient

interface Given {
  paymentId: string
  refunds: RailRefund[]
  now: Date
}

/**
 * Keeps what the rail says about the refunds of one payment, and closes our requests that they answer.
 * Answers on whose behalf the newest of them was made.
 */
export async function applyRefunds(tx: Tx, { paymentId, refunds, now }: Given): Promise<{ cause: ReversalCause }> {
  let cause: ReversalCause = { kind: 'refund', actor: 'stripe' }
  for (const refund of refunds) {
    const request = await closeRequest(tx, paymentId, refund, now)
    const actor = request?.actor ?? 'stripe'
    const isNew = await keepRefund(tx, paymentId, refund, { actor, reason: request?.reason ?? refund.reason })
    if (isNew && request) cause = { kind: 'refund', actor, reason: request.reason }
  }
  return { cause }
}

/** The request is answered whatever became of the refund later. */
async function closeRequest(
  tx: Tx,
  paymentId: string,
  { id: refundId, ...refund }: RailRefund,
  now: Date,
): Promise<RefundRequest | null> {
  const requestId = asUuid(refund.requestId)
  if (requestId === null) return null
  await tx.refundRequest.updateMany({
    where: { id: requestId, paymentId, state: { not: 'made' } },
    data: { state: 'made', refundId, problem: null, endedAt: now },
  })
  return tx.refundRequest.findFirst({ where: { id: requestId, paymentId } })
}

/** From the first word about a refund to the last. What failed or was cancelled stays so. */
const stages = ['pending', 'requires_action', 'succeeded', 'failed', 'canceled']

async function keepRefund(
  tx: Tx,
  paymentId: string,
  { id, amountMinor, currency, status }: RailRefund,
  { actor, reason }: { actor: string; reason: string | null },
): Promise<boolean> {
  const { count } = await tx.refund.createMany({
    data: { id, paymentId, amountMinor, currency, status, actor, reason },
    skipDuplicates: true,
  })
  if (count > 0) return true
  const earlier = stages.slice(0, Math.max(0, stages.indexOf(status)))
  await tx.refund.updateMany({ where: { id, paymentId, status: { in: earlier } }, data: { status } })
  return false
}
