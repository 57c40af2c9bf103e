import type { Sql } from '#core/db.ts'
import { KEEP_FINISHED_HOURS, type ReceivedUpdate } from '#core/inbox/inbox-update.ts'

// The payloads travel as one JSON array and are never looked into: `json` keeps what PostgreSQL's text cannot
// hold, such as \u0000, as long as nothing is extracted from it.
const STORE = `
  INSERT INTO inbox (bot_id, update_id, lane, payload)
  SELECT $1, ($2::bigint[])[n], ($3::text[])[n], payload
  FROM json_array_elements($4::json) WITH ORDINALITY AS given(payload, n)
  ON CONFLICT (bot_id, update_id) DO UPDATE SET
    lane = excluded.lane, payload = excluded.payload, attempts = 0, next_attempt_at = NULL, error = NULL,
    received_at = now(), done_at = NULL, dead_at = NULL
  WHERE coalesce(inbox.done_at, inbox.dead_at) < now() - make_interval(hours => $5)
  RETURNING update_id`

/**
 * Stores a batch in one statement, all of it or nothing, and returns the ids that were not in the inbox before.
 * A row that finished more than `KEEP_FINISHED_HOURS` ago counts as not there and is replaced: its id was drawn again.
 * Of updates with equal ids in the batch the first counts. Throws when the database refuses or cannot answer.
 */
export async function storeUpdates(
  sql: Sql,
  { botId, updates }: { botId: number; updates: readonly ReceivedUpdate[] },
): Promise<Set<number>> {
  const batch = withoutRepeats(updates)
  if (batch.length === 0) return new Set()
  const { rows } = await sql.query<{ update_id: string }>({
    name: 'inbox-store',
    text: STORE,
    values: [
      botId,
      batch.map((update) => update.updateId),
      batch.map((update) => update.lane),
      `[${batch.map((update) => update.payload).join(',')}]`,
      KEEP_FINISHED_HOURS,
    ],
  })
  return new Set(rows.map((row) => Number(row.update_id)))
}

// One statement cannot meet the same row twice.
function withoutRepeats(updates: readonly ReceivedUpdate[]): readonly ReceivedUpdate[] {
  const byId = new Map<number, ReceivedUpdate>()
  for (const update of updates) if (!byId.has(update.updateId)) byId.set(update.updateId, update)
  return byId.size === updates.length ? updates : [...byId.values()]
}
