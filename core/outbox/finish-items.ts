import type { Sql } from '#core/db.ts'

/** What came of one row: the row's own end and what it changed. */
export interface Finish {
  id: string
  end:
    | {
        status: 'done'
        /** Rows that went in the same call; the effects are theirs too, so all of them end in one statement. */
        along: readonly string[]
      }
    /** Given back untouched. */
    | { status: 'released' }
    /** Owed again after a while; `unknown` when it may have been carried out. */
    | { status: 'again'; unknown: boolean; afterMs: number; attempts: number; error: string }
    /** Never to be sent; stays for the team to see. */
    | { status: 'dead'; attempts: number; error: string }
  effects: Effects
}

export interface Effects {
  /** Where messages of the user stand in the topic now. */
  relayed?: { messageId: string; chatId: number; topicMessageId: number }[]
  /** Where answers of the team stand in the private chat now; null when Telegram did not say. */
  answered?: { messageId: string; userMessageId: number | null }[]
  /** Messages that will not arrive, and why. Users get back what theirs cost. */
  failed?: { messageId: string; failure: string }[]
  /** The message that the next receipt edits; null once something else was said. */
  receipt?: { userId: string; messageId: number | null }
}

const noEffects: Effects = {}
export const done = (id: string, effects: Effects = noEffects, along: readonly string[] = []): Finish => ({
  id,
  end: { status: 'done', along },
  effects,
})
export const released = (id: string): Finish => ({ id, end: { status: 'released' }, effects: noEffects })

/**
 * Ends many rows in one statement: what was sent is deleted together with the recording of its effects, so that neither
 * can be without the other. Rows that are no longer the owner's are left alone unless they were sent.
 * Throws when the database cannot answer; then nothing was recorded.
 */
export async function finishItems(
  sql: Sql,
  { owner, finishes }: { owner: string; finishes: readonly Finish[] },
): Promise<void> {
  const columns = toColumns(finishes)
  await sql.query({
    name: 'finish_outbox_items',
    text: FINISH,
    values: [
      owner,
      columns.done,
      columns.released,
      ...columns.again,
      ...columns.dead,
      ...columns.relayed,
      ...columns.answered,
      ...columns.failed,
      ...columns.receipts,
    ],
  })
}

const FINISH = `
  WITH done AS (
    DELETE FROM outbox WHERE id = ANY($2::bigint[])
  ), released AS (
    UPDATE outbox SET state = 'pending', owner = NULL, lease_until = NULL
    WHERE id = ANY($3::bigint[]) AND owner = $1 AND state = 'sending'
  ), again AS (
    UPDATE outbox o SET state = a.state::outbox_state, owner = NULL, lease_until = NULL, attempts = a.attempts,
      not_before = now() + a.after_ms * interval '1 millisecond', error = a.error
    FROM unnest($4::bigint[], $5::text[], $6::int[], $7::int[], $8::text[]) AS a(id, state, after_ms, attempts, error)
    WHERE o.id = a.id AND o.owner = $1 AND o.state = 'sending'
  ), dead AS (
    UPDATE outbox o SET state = 'dead', owner = NULL, lease_until = NULL, attempts = d.attempts, error = d.error
    FROM unnest($9::bigint[], $10::int[], $11::text[]) AS d(id, attempts, error)
    WHERE o.id = d.id AND o.owner = $1 AND o.state = 'sending'
  ), relayed AS (
    INSERT INTO message_places (message_id, topic_chat_id, topic_message_id)
    SELECT * FROM unnest($12::bigint[], $13::bigint[], $14::bigint[])
    ON CONFLICT DO NOTHING
  ), answered AS (
    UPDATE messages m SET user_message_id = coalesce(a.user_message_id, m.user_message_id), delivered_at = now(),
      failure = NULL
    FROM unnest($15::bigint[], $16::bigint[]) AS a(id, user_message_id)
    WHERE m.id = a.id AND m.id = ANY($15::bigint[])
  ), failed AS (
    UPDATE messages m SET failure = f.failure
    FROM unnest($17::bigint[], $18::text[]) AS f(id, failure)
    WHERE m.id = f.id AND m.id = ANY($17::bigint[])
  ), receipts AS (
    UPDATE conversations c SET receipt_message_id = r.message_id
    FROM unnest($19::bigint[], $20::bigint[]) AS r(user_id, message_id)
    WHERE c.user_id = r.user_id AND c.user_id = ANY($19::bigint[]) AND c.receipt_message_id IS DISTINCT FROM r.message_id
  )
  SELECT release_charges($17::bigint[]) WHERE cardinality($17::bigint[]) > 0`

type Column = (string | number | null)[]

function toColumns(finishes: readonly Finish[]) {
  const columns = {
    done: [] as Column,
    released: [] as Column,
    again: table(5),
    dead: table(3),
    relayed: table(3),
    answered: table(2),
    failed: table(2),
    receipts: table(2),
  }
  const receipts = new Map<string, number | null>()
  for (const { id, end, effects } of finishes) {
    switch (end.status) {
      case 'done':
        columns.done.push(id, ...end.along)
        break
      case 'released':
        columns.released.push(id)
        break
      case 'again':
        add(columns.again, id, end.unknown ? 'unknown' : 'pending', Math.ceil(end.afterMs), end.attempts, end.error)
        break
      case 'dead':
        add(columns.dead, id, end.attempts, end.error)
        break
    }
    for (const { messageId, chatId, topicMessageId } of effects.relayed ?? []) {
      add(columns.relayed, messageId, chatId, topicMessageId)
    }
    for (const { messageId, userMessageId } of effects.answered ?? []) add(columns.answered, messageId, userMessageId)
    for (const { messageId, failure } of effects.failed ?? []) add(columns.failed, messageId, failure)
    if (effects.receipt) receipts.set(effects.receipt.userId, effects.receipt.messageId)
  }
  // One row per user and in one order: two statements never wait for each other in a circle over these rows.
  const inOrder = [...receipts].sort(([a], [b]) => Number(a) - Number(b))
  for (const [userId, messageId] of inOrder) add(columns.receipts, userId, messageId)
  return columns
}

function table(width: number): Column[] {
  return Array.from({ length: width }, () => [])
}

function add(columns: Column[], ...values: Column): void {
  for (const [index, value] of values.entries()) columns[index]?.push(value)
}
