import type { Sql } from '#core/db.ts'

/** How long the team can see what was given up. */
const KEEP_DEAD_DAYS = 30

/**
 * Deletes up to `limit` rows that were given up and are older than `KEEP_DEAD_DAYS`, and returns how many it were; fewer
 * than `limit` means that nothing is left to do. Bought content stays however old: it is owed again when its files are
 * put right.
 */
export async function pruneOutbox(sql: Sql, { limit }: { limit: number }): Promise<number> {
  const { rowCount } = await sql.query(
    `DELETE FROM outbox WHERE state = 'dead' AND id = ANY (ARRAY(
       SELECT id FROM outbox
       WHERE state = 'dead' AND purpose <> 'content' AND created_at < now() - make_interval(days => $1)
       ORDER BY id LIMIT $2))`,
    [KEEP_DEAD_DAYS, limit],
  )
  return rowCount ?? 0
}
