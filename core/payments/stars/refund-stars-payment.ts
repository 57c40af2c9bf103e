import type { Actor } from '#core/audit/record-audit.ts'
import { lockPayment } from '#core/payments/refunds/payment-shares.ts'
import { auditRefund, mayRefund } from '#core/payments/refunds/refund-payment.ts'
import type { CarriedOutRefund } from '#core/payments/refunds/refund-requests.ts'
import type { RequestedRefund } from '#core/payments/refunds/request-refund.ts'
import { carryOutStarsRefund } from '#core/payments/stars/carry-out-stars-refund.ts'
import type { StarsRail } from '#core/rails/stars/stars-rail.ts'
import type { Prisma, PrismaClient } from '#prisma'

interface StarsRefundWish {
  paymentId: string
  reason: string
  /** Who wants it, as the ledger names people. */
  actor: string
  /** The support case that it answers. */
  caseId?: string
}

export type RequestedStarsRefund = Extract<
  RequestedRefund,
  { status: 'requested' | 'unknown_payment' | 'other_rail' | 'nothing_left' | 'busy' }
>

/**
 * Writes down that the Stars of a payment are to be given back, all of them, before anybody asks Telegram. Nothing is
 * given back by this alone: call `carryOutStarsRefund` after the commit, or leave it to the bot's worker.
 */
export async function requestStarsRefund(
  tx: Prisma.TransactionClient,
  { paymentId, reason, actor, caseId }: StarsRefundWish,
): Promise<RequestedStarsRefund> {
  const known = await tx.payment.findUnique({ where: { id: paymentId }, select: { starsChargeId: true } })
  if (!known) return { status: 'unknown_payment' }
  if (known.starsChargeId === null) return { status: 'other_rail' }
  const { amountMinor, refundedMinor } = await lockPayment(tx, { paymentId })
  if (refundedMinor === amountMinor) return { status: 'nothing_left' }
  const open = await tx.refundRequest.findFirst({ where: { paymentId, state: 'asked' }, select: { id: true } })
  if (open) return { status: 'busy' }
  const request = await tx.refundRequest.create({ data: { paymentId, amountMinor, reason, actor, caseId } })
  return { status: 'requested', request }
}

/**
 * Gives the Stars of one payment back, on behalf of an admin. The wish is written down with the audit before Telegram is
 * asked, so nothing is lost when the answer is: `unknown` means that the bot's worker goes on until it is known.
 */
export async function refundStarsPayment(
  db: PrismaClient,
  rail: StarsRail,
  { paymentId, reason, actor, now }: { paymentId: string; reason: string; actor: Actor; now: Date },
): Promise<CarriedOutRefund | Exclude<RequestedStarsRefund, { status: 'requested' }> | { status: 'forbidden' }> {
  const requested = await db.$transaction(async (tx) => {
    if (!(await mayRefund(tx, actor))) return { status: 'forbidden' } as const
    const outcome = await requestStarsRefund(tx, { paymentId, reason, actor: `team:${actor.id}` })
    if (outcome.status === 'requested') await auditRefund(tx, { actor, request: outcome.request })
    return outcome
  })
  if (requested.status !== 'requested') return requested
  return carryOutStarsRefund(db, rail, { requestId: requested.request.id, now })
}
