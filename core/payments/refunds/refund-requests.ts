import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { reopenCase } from '#core/support/reopen-case.ts'
import type { Payment, PrismaClient, Rail, RefundRequest } from '#prisma'

/** A refund that was written down before its rail was asked, with the payment it is of. */
export type OpenRefund = RefundRequest & { payment: Payment }

export type CarriedOutRefund =
  /** The rail has it, and our books follow it. */
  | { status: 'made' }
  | { status: 'refused'; reason: string }
  /** The rail gave no usable answer; it is asked again until it does. */
  | { status: 'unknown' }

/** The request, and how it ended if it did. Throws when there is none. */
export async function getRefundRequest(
  db: PrismaClient,
  { requestId }: { requestId: string },
): Promise<{ request: OpenRefund; ended: CarriedOutRefund | null }> {
  const request = await db.refundRequest.findUniqueOrThrow({ where: { id: requestId }, include: { payment: true } })
  switch (request.state) {
    case 'made':
      return { request, ended: { status: 'made' } }
    case 'refused':
      return { request, ended: { status: 'refused', reason: request.problem ?? '' } }
    case 'asked':
      return { request, ended: null }
  }
}

interface Refusal {
  request: OpenRefund
  reason: string
  /** The rail by its name, and the money as people write it. */
  said: { by: string; of: string }
  now: Date
}

/** Ends a request that its rail refused, opens its case again and tells the team. Counts once, however often told. */
export async function refuseRefundRequest(
  db: PrismaClient,
  { request: { id, caseId, payment }, reason, said, now }: Refusal,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const { count } = await tx.refundRequest.updateMany({
      where: { id, state: 'asked' },
      data: { state: 'refused', problem: reason, endedAt: now },
    })
    if (count === 0) return
    if (caseId !== null) await reopenCase(tx, { caseId })
    await raiseAlert(tx, {
      key: `refund-refused:${id}`,
      severity: 'warning',
      title: `A refund of ${said.of} was refused`,
      detail: `${said.by} says about the payment of user ${payment.userId ?? 'unknown'}: ${reason}`,
    })
  })
}

/**
 * Goes on with a rail's requests that nobody has asked about for a while, because the answer was lost or whoever asked
 * died. Each is taken by one process at a time. Returns how many were asked about and how many came to an end.
 */
export async function resumeRefundRequests(
  db: PrismaClient,
  { rail, leftAloneSeconds, limit }: { rail: Rail; leftAloneSeconds: number; limit: number },
  carryOut: (requestId: string) => Promise<CarriedOutRefund>,
): Promise<{ asked: number; ended: number }> {
  const due = await db.$queryRaw<{ id: string }[]>`
    UPDATE refund_requests r SET asked_at = now()
    FROM (
      SELECT q.id FROM refund_requests q JOIN payments p ON p.id = q.payment_id AND p.rail = ${rail}::rail
      WHERE q.state = 'asked' AND q.asked_at <= now() - make_interval(secs => ${leftAloneSeconds}::int)
      ORDER BY q.asked_at LIMIT ${limit} FOR UPDATE OF q SKIP LOCKED
    ) open
    WHERE r.id = open.id RETURNING r.id`
  let ended = 0
  for (const { id } of due) {
    const outcome = await carryOut(id)
    if (outcome.status !== 'unknown') ended += 1
  }
  return { asked: due.length, ended }
}
