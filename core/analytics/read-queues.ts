import type { Db } from '#core/db.ts'

export interface Queue {
  /** Rows that are due. */
  open: number
  /** When the oldest of them came. */
  since: Date | null
  /** Rows that were given up and wait for a person. */
  dead: number
}

export type QueueName = 'inbox' | 'outbox' | 'stripe'

interface Row {
  name: QueueName
  open: number
  since: Date | null
  dead: number
}

/**
 * How far behind the queues are: updates from Telegram, what is owed to Telegram, events from Stripe. Counts open and
 * dead rows only, by their partial indexes. A row that waits for a later try is open all the same.
 */
export async function readQueues(db: Db): Promise<Record<QueueName, Queue>> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT 'inbox' AS name, count(*)::int AS open, min(received_at) AS since,
      (SELECT count(*)::int FROM inbox WHERE dead_at IS NOT NULL) AS dead
    FROM inbox WHERE done_at IS NULL AND dead_at IS NULL
    UNION ALL
    SELECT 'outbox', count(*)::int, min(created_at), (SELECT count(*)::int FROM outbox WHERE state = 'dead')
    FROM outbox WHERE state IN ('pending', 'sending', 'unknown')
    UNION ALL
    SELECT 'stripe', count(*)::int, min(received_at), 0 FROM stripe_events WHERE processed_at IS NULL`
  const none = { open: 0, since: null, dead: 0 }
  const queues: Record<QueueName, Queue> = { inbox: none, outbox: none, stripe: none }
  for (const { name, ...queue } of rows) queues[name] = queue
  return queues
}
