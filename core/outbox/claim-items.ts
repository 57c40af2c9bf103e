import type { Sql } from '#core/db.ts'

/** An outbox row that this worker holds: nobody else sends it before the lease ends. */
export interface ClaimedItem {
  id: string
  lane: string
  purpose: string
  priority: number
  userId: string | null
  payload: unknown
  /** How often it was tried and failed. */
  attempts: number
  /** The messages the payload names, if the caller has them at hand; otherwise they are read. */
  messages?: readonly OutboxMessage[]
}

/** What sending needs of a message row. */
export interface OutboxMessage {
  id: string
  kind: string
  /** The Telegram message as it came. */
  content: unknown
  topicChatId: number | null
  topicMessageId: number | null
}

interface Row {
  id: string
  lane: string
  purpose: string
  priority: number
  user_id: string | null
  payload: unknown
  attempts: number
}

/** Rows of one lane that are taken along with its first. */
const LANE_DEPTH = 10

interface Claimed {
  /** The most urgent and oldest first. */
  items: ClaimedItem[]
  /** Whether further rows may be due that this claim had no room for. */
  isMoreDue: boolean
}

/**
 * Takes due rows whose priority lies in a range, the most urgent and oldest first. A row is taken only if nobody else
 * holds or still owes an earlier row of its lane, so that a lane is never worked on in two places: its first open row
 * can be locked by one worker alone, and the rows behind it come along, though one of them have to wait: no row may be
 * passed over by a later one. `limit` is how many lanes are taken.
 */
export async function claimItems(
  sql: Sql,
  {
    owner,
    leaseSeconds,
    priorities: [from, to],
    limit,
  }: { owner: string; leaseSeconds: number; priorities: readonly [number, number]; limit: number },
): Promise<Claimed> {
  const { rows } = await sql.query<Row>({
    name: 'claim_outbox_items',
    text: `
      WITH head AS MATERIALIZED (
        SELECT o.id, o.lane FROM outbox o
        WHERE o.state IN ('pending', 'unknown') AND o.priority BETWEEN $3 AND $4
          AND (o.not_before IS NULL OR o.not_before <= now())
          AND NOT EXISTS (
            SELECT 1 FROM outbox e
            WHERE e.lane = o.lane AND e.id < o.id AND e.state IN ('pending', 'sending', 'unknown')
              AND e.owner IS DISTINCT FROM $1 OFFSET 0)
        ORDER BY o.priority, o.id LIMIT $5 FOR UPDATE OF o SKIP LOCKED
      ), taken AS (
        SELECT DISTINCT r.id FROM head, LATERAL (
          SELECT o.id FROM outbox o
          WHERE o.lane = head.lane AND o.id >= head.id AND o.state IN ('pending', 'unknown')
          ORDER BY o.id LIMIT ${LANE_DEPTH}) r
      )
      UPDATE outbox o SET state = 'sending', owner = $1, lease_until = now() + make_interval(secs => $2)
      FROM taken WHERE o.id = taken.id AND o.state IN ('pending', 'unknown')
      RETURNING o.id, o.lane, o.purpose, o.priority, o.user_id, o.payload, o.attempts`,
    values: [owner, leaseSeconds, from, to, limit],
  })
  const items = rows
    .map(({ user_id, ...row }) => ({ ...row, userId: user_id }))
    .sort((a, b) => a.priority - b.priority || Number(a.id) - Number(b.id))
  return { items, isMoreDue: rows.length >= limit || hasDeepLane(rows) }
}

function hasDeepLane(rows: readonly Row[]): boolean {
  const depths = new Map<string, number>()
  for (const { lane } of rows) depths.set(lane, (depths.get(lane) ?? 0) + 1)
  return [...depths.values()].some((depth) => depth >= LANE_DEPTH)
}
