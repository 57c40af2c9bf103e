import { carryOutRefund } from '#core/payments/carry-out-refund.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import type { PrismaClient } from '#prisma'

/** Younger ones are still in the hands of whoever asked. Longer than one call to the rail may take with its retries. */
const LEFT_ALONE_SECONDS = 60

/**
 * Asks the rail about refunds whose fate is unknown, because its answer was lost or we died while waiting for it.
 * Each is taken by one process at a time. Returns how many came to an end.
 */
export async function reconcileRefunds(
  db: PrismaClient,
  rail: PaymentRail,
  { now, leftAloneSeconds = LEFT_ALONE_SECONDS, limit = 20 }: { now: Date; leftAloneSeconds?: number; limit?: number },
): Promise<{ asked: number; ended: number }> {
  const due = await db.$queryRaw<{ id: string }[]>`
    UPDATE refund_requests r SET asked_at = now()
    FROM (
      SELECT q.id FROM refund_requests q JOIN payments p ON p.id = q.payment_id AND p.rail = 'stripe'
      WHERE q.state = 'asked' AND q.asked_at <= now() - make_interval(secs => ${leftAloneSeconds}::int)
      ORDER BY q.asked_at LIMIT ${limit} FOR UPDATE OF q SKIP LOCKED
    ) open
    WHERE r.id = open.id RETURNING r.id`
  let ended = 0
  for (const { id: requestId } of due) {
    const outcome = await carryOutRefund(db, rail, { requestId, now })
    if (outcome.status !== 'unknown') ended += 1
  }
  return { asked: due.length, ended }
}
