import type { Sql } from '#core/db.ts'

/** Holds rows for longer. Returns the ids that are still this owner's; the others were taken back meanwhile. */
export async function renewLeases(
  sql: Sql,
  { owner, ids, leaseSeconds }: { owner: string; ids: readonly string[]; leaseSeconds: number },
): Promise<Set<string>> {
  const { rows } = await sql.query<{ id: string }>({
    name: 'renew_outbox_leases',
    text: `
      UPDATE outbox SET lease_until = now() + make_interval(secs => $3)
      WHERE id = ANY($2::bigint[]) AND owner = $1 AND state = 'sending' RETURNING id`,
    values: [owner, ids, leaseSeconds],
  })
  return new Set(rows.map((row) => row.id))
}

/**
 * Frees rows whose holder is gone: those whose lease ran out, or with `everybody` all that others hold. They may have
 * been sent in the last moment, hence `unknown`. Returns how many there were.
 */
export async function takeBackItems(
  sql: Sql,
  { owner, everybody }: { owner: string; everybody: boolean },
): Promise<number> {
  const { rowCount } = await sql.query({
    name: everybody ? 'take_back_all_outbox_items' : 'take_back_outbox_items',
    text: `
      UPDATE outbox SET state = 'unknown', owner = NULL, lease_until = NULL
      WHERE state = 'sending' AND owner IS DISTINCT FROM $1 ${everybody ? '' : 'AND lease_until < now()'}`,
    values: [owner],
  })
  return rowCount ?? 0
}

/** How long until a row that waits for its time is due; null when none waits. */
export async function nextDueMs(sql: Sql): Promise<number | null> {
  const { rows } = await sql.query<{ ms: number | null }>({
    name: 'next_due_outbox_item',
    text: `
      SELECT (extract(epoch FROM min(not_before) - now()) * 1000)::float8 AS ms FROM outbox
      WHERE state IN ('pending', 'unknown') AND not_before > now()`,
  })
  return rows[0]?.ms ?? null
}
