import type { Sql } from '#core/db.ts'

interface Failure {
  botId: number
  updateIds: readonly number[]
  /** How many attempts have failed by now, this one included. */
  attempts: number
  error: string
  /** When the next attempt is due; null gives the updates up (a dead letter for a person to look at). */
  retryInMs: number | null
}

const ERROR_LENGTH = 1_000

/**
 * Notes that handling failed. Returns the updates that were still open; none if they had been finished after all,
 * by the very attempt that failed afterwards or by another process.
 */
export async function recordFailure(
  sql: Sql,
  { botId, updateIds, attempts, error, retryInMs }: Failure,
): Promise<number[]> {
  const { rows } = await sql.query<{ update_id: string }>(
    `UPDATE inbox SET
       attempts = $3, error = $4,
       next_attempt_at = now() + $5::float8 * interval '1 millisecond',
       dead_at = CASE WHEN $5::float8 IS NULL THEN now() END
     WHERE bot_id = $1 AND update_id = ANY($2::bigint[]) AND done_at IS NULL AND dead_at IS NULL
     RETURNING update_id`,
    // PostgreSQL's text cannot hold NUL.
    [botId, updateIds, attempts, error.replaceAll('\0', '').slice(0, ERROR_LENGTH), retryInMs],
  )
  return rows.map((row) => Number(row.update_id))
}
