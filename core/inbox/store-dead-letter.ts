import type { Sql } from '#core/db.ts'

/**
 * Puts an update that can never be handled straight among the dead ones, so that a person can look at it.
 * Returns whether it is news: the same one arriving again changes nothing. `payload` is JSON text.
 */
export async function storeDeadLetter(
  sql: Sql,
  letter: { botId: number; updateId: number; payload: string; error: string },
): Promise<boolean> {
  const { rowCount } = await sql.query(
    `INSERT INTO inbox (bot_id, update_id, lane, payload, error, dead_at)
     VALUES ($1, $2, 'malformed', $3::json, $4, now())
     ON CONFLICT DO NOTHING`,
    [letter.botId, letter.updateId, letter.payload, letter.error],
  )
  return rowCount === 1
}
