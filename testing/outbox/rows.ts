import type { Pool } from 'pg'
import type { OutboxState } from '#prisma'

/** What a test says of a row of the outbox; the rest does not matter to it. */
export interface OutboxRow {
  lane?: string
  priority?: number
  state?: OutboxState
  owner?: string | null
  /** Seconds from now until the lease ends; without a lease if left out. */
  lease?: number
  /** Seconds until it may be sent. */
  waits?: number
}

/** Writes rows as they are, in this order. */
export async function insertOutboxRows(pool: Pool, rows: readonly OutboxRow[]): Promise<void> {
  for (const { lane = 'chat:1', priority = 0, state = 'pending', owner = null, lease = null, waits = null } of rows) {
    await pool.query(
      `INSERT INTO outbox (lane, purpose, priority, payload, state, owner, lease_until, not_before)
       VALUES ($1, 'card', $2, '{}', $3::outbox_state, $4, now() + make_interval(secs => $5), now() + make_interval(secs => $6))`,
      [lane, priority, state, owner, lease, waits],
    )
  }
}
