import type { Sql } from '#core/db.ts'

/** Stripe repeats an event for three days and lists it for thirty. */
const KEEP_DAYS = 90

/**
 * Deletes up to `limit` events of Stripe that were dealt with long ago, and returns how many it were; fewer than `limit`
 * means that nothing is left to do. One that is still tried stays however old.
 */
export async function pruneStripeEvents(sql: Sql, { limit }: { limit: number }): Promise<number> {
  const { rowCount } = await sql.query(
    `DELETE FROM stripe_events WHERE processed_at IS NOT NULL AND id = ANY (ARRAY(
       SELECT id FROM stripe_events
       WHERE processed_at IS NOT NULL AND received_at < now() - make_interval(days => $1)
       ORDER BY received_at LIMIT $2))`,
    [KEEP_DAYS, limit],
  )
  return rowCount ?? 0
}
