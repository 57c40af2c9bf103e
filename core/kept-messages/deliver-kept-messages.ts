import type { Pool, PoolClient } from 'pg'
import { type AcceptOptions, acceptMessages } from '#core/conversations/accept-messages.ts'
import { readKept } from '#core/kept-messages/kept-content.ts'
import { channels } from '#core/live/notify.ts'

/** What became of the messages that waited for a purchase. */
export interface Delivered {
  sent: number
  /** What the first of those that still wait costs, and what there is; null when none waits. */
  waiting: { cost: number; credits: number } | null
}

type Options = Pick<AcceptOptions, 'settings'>

/**
 * Accepts what a user wrote while they could not pay for it, in its order and as far as the credits reach, as if it had
 * just arrived. Each message is charged and ended in one transaction: whoever else does the same at the same time, or
 * calls it back, comes before or after. Throws when the database cannot answer; what was sent by then stays sent.
 */
export async function deliverKeptMessages(
  pool: Pool,
  { userId, settings }: { userId: string } & Options,
): Promise<Delivered> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    return await deliverAll(client, userId, { settings })
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    // A connection with an open transaction must not go back to the others.
    client.release(broken)
  }
}

async function deliverAll(client: PoolClient, userId: string, options: Options): Promise<Delivered> {
  for (let sent = 0; ; ) {
    const step = await deliverNext(client, userId, options)
    if (step.status === 'none') return { sent, waiting: null }
    if (step.status === 'insufficient') return { sent, waiting: { cost: step.cost, credits: step.credits } }
    if (step.status === 'accepted') sent += 1
  }
}

type Step =
  | { status: 'none' }
  | { status: 'insufficient'; cost: number; credits: number }
  | { status: 'accepted' | 'duplicate' | 'banned' }

async function deliverNext(client: PoolClient, userId: string, { settings }: Options): Promise<Step> {
  await client.query('BEGIN')
  const kept = await takeFirst(client, userId)
  if (!kept) {
    await client.query('ROLLBACK')
    return { status: 'none' }
  }
  const message = { ...readKept(kept.content), ...profileOf(kept), updateIds: [] }
  const options = { botId: Number(kept.bot_id), settings, owner: null, leaseSeconds: 0 }
  const [outcome] = await acceptMessages(client, [message], options)
  if (!outcome || outcome.status === 'insufficient') {
    await client.query('ROLLBACK')
    return outcome ?? { status: 'none' }
  }
  if (kept.blocked_at !== null) {
    // Accepting takes it for a sign of life, which a message that waited is none of.
    await client.query({ text: 'UPDATE users SET blocked_at = $2 WHERE id = $1', values: [userId, kept.blocked_at] })
  }
  await client.query({ text: 'UPDATE kept_messages SET ended_at = now() WHERE id = $1', values: [kept.id] })
  for (const channel of [channels.outbox, channels.live]) {
    await client.query({ text: "SELECT pg_notify($1, '')", values: [channel] })
  }
  await client.query('COMMIT')
  return { status: outcome.status }
}

interface KeptRow {
  id: string
  bot_id: string
  content: unknown
  user_id: string
  first_name: string
  last_name: string | null
  username: string | null
  language_code: string | null
  blocked_at: Date | null
}

/** The oldest that waits; whoever has it is waited for. */
async function takeFirst(client: PoolClient, userId: string): Promise<KeptRow | undefined> {
  const { rows } = await client.query<KeptRow>({
    text: `
      SELECT k.id, k.bot_id, k.content, u.id AS user_id, u.first_name, u.last_name, u.username, u.language_code,
        u.blocked_at
      FROM kept_messages k JOIN users u ON u.id = k.user_id
      WHERE k.user_id = $1 AND k.ended_at IS NULL AND k.expires_at > now()
      ORDER BY k.id LIMIT 1 FOR UPDATE OF k`,
    values: [userId],
  })
  return rows[0]
}

/** As it is known now: the message may be a day old. */
function profileOf(row: KeptRow) {
  return {
    userId: Number(row.user_id),
    firstName: row.first_name,
    lastName: row.last_name,
    username: row.username,
    languageCode: row.language_code,
  }
}
