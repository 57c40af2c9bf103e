import { type PaymentRail, RailUnavailableError } from '#core/rails/payment-rail.ts'
import type { PrismaClient } from '#prisma'

const LEASE_SECONDS = 60
const FIRST_RETRY_SECONDS = 5
const LONGEST_RETRY_SECONDS = 3_600

/**
 * Has Stripe forget the customers of people who asked for it, and empties what its events told about them. A row leaves
 * only when that is done, however often Stripe does not answer. Returns how many were forgotten.
 */
export async function deleteCustomers(
  db: PrismaClient,
  { rail, limit = 10 }: { rail: Pick<PaymentRail, 'cards'>; limit?: number },
): Promise<number> {
  const due = await db.$queryRaw<{ customerId: string; tries: number }[]>`
    UPDATE customer_deletions d SET tries = d.tries + 1, next_try_at = now() + make_interval(secs => ${LEASE_SECONDS})
    FROM (
      SELECT customer_id FROM customer_deletions WHERE next_try_at <= now()
      ORDER BY next_try_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ) due
    WHERE d.customer_id = due.customer_id
    RETURNING d.customer_id AS "customerId", d.tries`
  let deleted = 0
  for (const { customerId, tries } of due) {
    try {
      await rail.cards.deleteCustomer(customerId)
    } catch (error) {
      if (!(error instanceof RailUnavailableError)) throw error
      const seconds = Math.min(FIRST_RETRY_SECONDS * 2 ** (tries - 1), LONGEST_RETRY_SECONDS)
      await db.$executeRaw`
        UPDATE customer_deletions SET error = ${error.message}, next_try_at = now() + make_interval(secs => ${seconds})
        WHERE customer_id = ${customerId}`
      continue
    }
    await emptyEvents(db, customerId)
    await db.customerDeletion.deleteMany({ where: { customerId } })
    deleted += 1
  }
  return deleted
}

/** The events stay as proof that they came; names, addresses and cards in them go. */
async function emptyEvents(db: PrismaClient, customerId: string): Promise<void> {
  await db.$executeRaw`
    UPDATE stripe_events SET payload = '{}'
    WHERE processed_at IS NOT NULL AND (
      payload -> 'data' -> 'object' ->> 'customer' = ${customerId} OR payload -> 'data' -> 'object' ->> 'id' = ${customerId})`
}
