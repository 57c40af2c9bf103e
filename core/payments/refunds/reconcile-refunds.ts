import { carryOutRefund } from '#core/payments/refunds/carry-out-refund.ts'
import { resumeRefundRequests } from '#core/payments/refunds/refund-requests.ts'
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
  const which = { rail: 'stripe', leftAloneSeconds, limit } as const
  return resumeRefundRequests(db, which, (requestId) => carryOutRefund(db, rail, { requestId, now }))
}
