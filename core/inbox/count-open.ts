import type { Sql } from '#core/db.ts'

/** How many updates wait to be handled; counting ends at `upTo`, so that it stays cheap however many there are. */
export async function countOpenUpdates(sql: Sql, { botId, upTo }: { botId: number; upTo: number }): Promise<number> {
  const { rows } = await sql.query<{ open: number }>(
    `SELECT count(*)::int AS open FROM (
       SELECT 1 FROM inbox WHERE bot_id = $1 AND done_at IS NULL AND dead_at IS NULL LIMIT $2) AS counted`,
    [botId, upTo],
  )
  return rows[0]?.open ?? 0
}
