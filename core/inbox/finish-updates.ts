import type { Sql } from '#core/db.ts'

/** Marks updates as handled. Those that are finished already stay as they are. */
export async function finishUpdates(
  sql: Sql,
  { botId, updateIds }: { botId: number; updateIds: readonly number[] },
): Promise<void> {
  await sql.query({
    name: 'inbox-finish',
    text: `UPDATE inbox SET done_at = now()
           WHERE bot_id = $1 AND update_id = ANY($2::bigint[]) AND done_at IS NULL AND dead_at IS NULL`,
    values: [botId, updateIds],
  })
}
