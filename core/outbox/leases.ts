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
 * Frees what others hold by a lease that began before `at`, a moment when they were known to be gone. Worth repeating:
 * the database goes on with the statements of a process that died, so they may lease it rows even afterwards. What is
 * freed may have been sent in the last moment, hence `unknown`. Returns how many rows there were.
 * An owner whose connections bear its name is alive as long as one of them is: what it holds stays with it.
 */
export async function takeOverItems(
  sql: Sql,
  { owner, at, leaseSeconds }: { owner: string; at: string; leaseSeconds: number },
): Promise<number> {
  const { rowCount } = await sql.query({
    name: 'take_over_outbox_items',
    text: `
      UPDATE outbox SET state = 'unknown', owner = NULL, lease_until = NULL
      WHERE state = 'sending' AND owner IS DISTINCT FROM $1
        AND lease_until < $2::timestamptz + make_interval(secs => $3)
        AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.application_name = outbox.owner)`,
    values: [owner, at, leaseSeconds],
  })
  return rowCount ?? 0
}

/** The clock by which leases run. */
export async function readLeaseClock(sql: Sql): Promise<string> {
  const { rows } = await sql.query<{ at: string }>('SELECT now()::text AS at')
  const [row] = rows
  if (!row) throw new Error('The database told no time')
  return row.at
}

/**
 * Frees rows whose lease ran out: their holder is gone, or never heard that it got them. They may have been sent in the
 * last moment, hence `unknown`. Returns how many there were.
 */
export async function takeBackExpiredItems(sql: Sql): Promise<number> {
  const { rowCount } = await sql.query({
    name: 'take_back_expired_outbox_items',
    text: `
      UPDATE outbox SET state = 'unknown', owner = NULL, lease_until = NULL
      WHERE state = 'sending' AND lease_until < now()`,
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

/**
 * Gives back what is leased to an owner on some lanes and is none of the rows it knows that it holds: leased by a statement
 * whose answer never arrived. Returns how many rows there were.
 */
export async function giveBackUnheardOf(
  sql: Sql,
  { owner, lanes, known }: { owner: string; lanes: readonly string[]; known: readonly string[] },
): Promise<number> {
  const { rowCount } = await sql.query({
    name: 'give_back_unheard_of',
    text: `
      UPDATE outbox SET state = 'pending', owner = NULL, lease_until = NULL
      WHERE lane = ANY($2::text[]) AND owner = $1 AND state = 'sending' AND id <> ALL($3::bigint[])`,
    values: [owner, lanes, known],
  })
  return rowCount ?? 0
}
