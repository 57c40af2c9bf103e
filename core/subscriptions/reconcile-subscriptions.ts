import { HOUR_MS } from '#core/durations.ts'
import { type PaymentRail, RailUnavailableError } from '#core/rails/payment-rail.ts'
import { settleSubscription } from '#core/subscriptions/settle-subscription.ts'
import type { PrismaClient } from '#prisma'

/** A renewal's money is taken an hour after its period began, and the webhook has its time too. */
const LEFT_TO_WEBHOOK_MS = 3 * HOUR_MS

/**
 * Asks the rail about live subscriptions whose period has passed without our hearing of the next, in case the webhook
 * was lost for good. Takes a random sample, which bounds the cost of a round and still comes to each soon. Answers how
 * many were asked for.
 */
export async function reconcileSubscriptions(
  db: PrismaClient,
  rail: PaymentRail,
  { now, limit = 50 }: { now: Date; limit?: number },
): Promise<number> {
  const silentSince = new Date(now.getTime() - LEFT_TO_WEBHOOK_MS)
  const due = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM subscriptions
    WHERE ended_at IS NULL AND rail = 'stripe' AND current_period_end < ${silentSince}
    ORDER BY random() LIMIT ${limit}`
  let asked = 0
  for (const { id } of due) {
    try {
      await settleSubscription(db, rail, { subscriptionId: id, now })
      asked += 1
    } catch (error) {
      // The rest waits for the next round.
      if (error instanceof RailUnavailableError) break
      throw error
    }
  }
  return asked
}
