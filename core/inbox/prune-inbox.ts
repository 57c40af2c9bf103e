import type { Sql } from '#core/db.ts'
import { KEEP_FINISHED_HOURS } from '#core/inbox/inbox-update.ts'

/**
 * Deletes up to `limit` rows that were handled more than `KEEP_FINISHED_HOURS` ago and returns how many it were;
 * fewer than `limit` means that nothing is left to do. Dead letters stay for the team to see.
 */
export async function pruneInbox(sql: Sql, { botId, limit }: { botId: number; limit: number }): Promise<number> {
  const { rowCount } = await sql.query(
    `DELETE FROM inbox WHERE bot_id = $1 AND update_id = ANY (ARRAY(
       SELECT update_id FROM inbox
       WHERE bot_id = $1 AND done_at < now() - make_interval(hours => $2)
       ORDER BY done_at LIMIT $3 FOR UPDATE SKIP LOCKED
     ))`,
    [botId, KEEP_FINISHED_HOURS, limit],
  )
  return rowCount ?? 0
}
