import { type Actor, recordAudit } from '#core/audit/record-audit.ts'
import { carryOutRefund } from '#core/payments/refunds/carry-out-refund.ts'
import type { CarriedOutRefund } from '#core/payments/refunds/refund-requests.ts'
import { type RequestedRefund, requestRefund } from '#core/payments/refunds/request-refund.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { findMember } from '#core/team/members.ts'
import { hasRole } from '#core/team/roles.ts'
import type { Prisma, PrismaClient } from '#prisma'

export type RefundedPayment =
  | CarriedOutRefund
  | Exclude<RequestedRefund, { status: 'requested' }>
  /** Giving money back takes an admin. */
  | { status: 'forbidden' }

/**
 * Gives money of one payment back, all that is left when no amount is named (minor units of its currency).
 * The wish is written down with the audit before the rail is asked, so nothing is lost when the answer is: `unknown`
 * means that the reconciler goes on until the rail says made or refused. What it takes from the user follows with it.
 */
export async function refundPayment(
  db: PrismaClient,
  rail: PaymentRail,
  {
    paymentId,
    amountMinor = null,
    reason,
    actor,
    now,
  }: { paymentId: string; amountMinor?: number | null; reason: string; actor: Actor; now: Date },
): Promise<RefundedPayment> {
  const requested = await db.$transaction(async (tx) => {
    if (!(await mayRefund(tx, actor))) return { status: 'forbidden' } as const
    const outcome = await requestRefund(tx, { paymentId, amountMinor, reason, actor: `team:${actor.id}` })
    if (outcome.status === 'requested') await auditRefund(tx, { actor, request: outcome.request })
    return outcome
  })
  if (requested.status !== 'requested') return requested
  return carryOutRefund(db, rail, { requestId: requested.request.id, now })
}

/** As the database has it now: a role that was taken away a moment ago counts no more. */
export async function mayRefund(tx: Prisma.TransactionClient, { id }: Actor): Promise<boolean> {
  const member = id === null ? null : await findMember(tx, { id })
  return member !== null && hasRole(member.role, 'admin')
}

/** Writes down who asked for a refund, in the transaction of the request. */
export async function auditRefund(
  tx: Prisma.TransactionClient,
  { actor, request }: { actor: Actor; request: { id: string; paymentId: string; amountMinor: number; reason: string } },
): Promise<void> {
  const { id: requestId, paymentId, amountMinor, reason } = request
  await recordAudit(tx, {
    actor,
    action: 'payment.refund',
    target: `payment:${paymentId}`,
    after: { requestId, amountMinor },
    reason,
  })
}
