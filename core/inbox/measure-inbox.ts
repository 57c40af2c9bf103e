import type { Sql } from '#core/db.ts'

export interface InboxMeasure {
  /** Updates that wait to be handled. */
  open: number
  /** How long the oldest of them has waited; 0 when none does. */
  lagMs: number
  /** Updates that were given up and that nobody has looked at. */
  dead: number
}

/** How far the bot is behind. Cheap while the inbox is nearly empty, as it should be. */
export async function measureInbox(sql: Sql, { botId }: { botId: number }): Promise<InboxMeasure> {
  const { rows } = await sql.query<{ open: string; lag_ms: number; dead: string }>(
    `SELECT
       (SELECT count(*) FROM inbox WHERE bot_id = $1 AND done_at IS NULL AND dead_at IS NULL) AS open,
       (SELECT coalesce(greatest(0, extract(epoch FROM now() - min(received_at)) * 1000), 0)::float8
          FROM inbox WHERE bot_id = $1 AND done_at IS NULL AND dead_at IS NULL) AS lag_ms,
       (SELECT count(*) FROM inbox WHERE bot_id = $1 AND dead_at IS NOT NULL) AS dead`,
    [botId],
  )
  const [row] = rows
  if (!row) throw new Error('The inbox could not be measured.')
  return { open: Number(row.open), lagMs: row.lag_ms, dead: Number(row.dead) }
}
