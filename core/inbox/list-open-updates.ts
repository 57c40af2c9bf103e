import type { Sql } from '#core/db.ts'
import type { OpenUpdate } from '#core/inbox/inbox-update.ts'

interface Row {
  update_id: string
  lane: string
  payload: unknown
  attempts: number
  wait_ms: number
}

const COLUMNS = `update_id, lane, payload, attempts,
  greatest(0, coalesce(extract(epoch FROM next_attempt_at - now()) * 1000, 0))::float8 AS wait_ms`
const IS_OPEN = 'done_at IS NULL AND dead_at IS NULL'

interface Page {
  botId: number
  /** Only rows after this id. */
  afterUpdateId: number
  limit: number
  /** Only rows of this lane. */
  lane?: string
  /** No rows of these lanes. */
  exceptLanes?: readonly string[]
}

/** One page of what still waits to be handled, in the order of the update ids. */
export async function listOpenUpdates(
  sql: Sql,
  { botId, afterUpdateId, limit, lane, exceptLanes = [] }: Page,
): Promise<OpenUpdate[]> {
  const { rows } = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM inbox
     WHERE bot_id = $1 AND update_id > $2 AND ${IS_OPEN}
       AND ($4::text IS NULL OR lane = $4) AND lane <> ALL ($5::text[])
     ORDER BY update_id LIMIT $3`,
    [botId, afterUpdateId, limit, lane ?? null, exceptLanes],
  )
  return rows.map(toOpenUpdate)
}

/** Those of the given updates that still wait to be handled, in the order of their ids. */
export async function findOpenUpdates(
  sql: Sql,
  { botId, updateIds }: { botId: number; updateIds: readonly number[] },
): Promise<OpenUpdate[]> {
  if (updateIds.length === 0) return []
  const { rows } = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM inbox
     WHERE bot_id = $1 AND update_id = ANY($2::bigint[]) AND ${IS_OPEN} ORDER BY update_id`,
    [botId, updateIds],
  )
  return rows.map(toOpenUpdate)
}

function toOpenUpdate(row: Row): OpenUpdate {
  return {
    updateId: Number(row.update_id),
    lane: row.lane,
    payload: row.payload,
    attempts: row.attempts,
    waitMs: row.wait_ms,
  }
}
