import { type Actor, recordAudit } from '#core/audit/record-audit.ts'
import { notify } from '#core/live/notify.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { auditRefund, mayRefund } from '#core/payments/refunds/refund-payment.ts'
import type { CarriedOutRefund } from '#core/payments/refunds/refund-requests.ts'
import type { RequestedRefund } from '#core/payments/refunds/request-refund.ts'
import { findOwnPayment } from '#core/support/list-own-payments.ts'
import { carryOutCaseRefund, type Rails, requestCaseRefund } from '#core/support/request-case-refund.ts'
import type { PrismaClient } from '#prisma'

type NotDecided =
  /** Deciding about money takes an admin. */
  | { status: 'forbidden' }
  /** Somebody else decided, or there is no such case. */
  | { status: 'decided_before' }

export type AcceptedCase = CarriedOutRefund | NotDecided | Exclude<RequestedRefund, { status: 'requested' }>

interface Decision {
  caseId: string
  actor: Actor
  now: Date
}

/**
 * Decides a case for the user: all that is left of the payment goes back. However many press at once, one decides and one
 * refund is made. When the rail refuses it, the case is open again.
 */
export async function acceptCase(
  db: PrismaClient,
  rails: Rails,
  { caseId, actor, now }: Decision,
): Promise<AcceptedCase> {
  const accepted = await db.$transaction(async (tx) => {
    if (!(await mayRefund(tx, actor))) return { status: 'forbidden' } as const
    const found = await tx.supportCase.findUnique({ where: { id: caseId } })
    const { count } = await tx.supportCase.updateMany({
      where: { id: caseId, state: 'open' },
      data: { state: 'accepted', decidedBy: `team:${actor.id}`, decidedAt: now },
    })
    if (!found || count === 0) return { status: 'decided_before' } as const
    // Not in the user's words: the books could not forget them when the user asks to be forgotten.
    const reason = 'The user asked for it'
    const asked = await requestCaseRefund(tx, {
      paymentId: found.paymentId,
      caseId,
      reason,
      actor: `team:${actor.id}`,
    })
    if (asked.status === 'requested') await auditRefund(tx, { actor, request: asked.request })
    // Nothing can be given back now, so nothing was decided.
    else
      await tx.supportCase.update({ where: { id: caseId }, data: { state: 'open', decidedBy: null, decidedAt: null } })
    await notify(tx, 'live')
    return asked
  })
  if (accepted.status !== 'requested') return accepted
  return carryOutCaseRefund(db, rails, { request: accepted.request, now })
}

/** Decides a case against the user, who is told why. One decides, however many press at once. */
export async function declineCase(
  db: PrismaClient,
  { caseId, actor, reason, now }: Decision & { reason: string },
): Promise<{ status: 'declined' } | NotDecided> {
  return db.$transaction(async (tx) => {
    if (!(await mayRefund(tx, actor))) return { status: 'forbidden' }
    const { count } = await tx.supportCase.updateMany({
      where: { id: caseId, state: 'open' },
      data: { state: 'declined', decidedBy: `team:${actor.id}`, decidedAt: now, reason },
    })
    if (count === 0) return { status: 'decided_before' }
    const { userId, paymentId } = await tx.supportCase.findUniqueOrThrow({ where: { id: caseId } })
    const payment = await findOwnPayment(tx, { userId, paymentId })
    await enqueueNotice(tx, { userId, text: 'support-declined', args: { label: payment?.label ?? '—', reason } })
    await recordAudit(tx, { actor, action: 'support.decline', target: `case:${caseId}`, reason })
    await notify(tx, 'live')
    return { status: 'declined' }
  })
}
