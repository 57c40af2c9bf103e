import type { Sql } from '#core/db.ts'

export type TopicClaim =
  /** The caller, and nobody else, makes the topic now. */
  | { status: 'claimed' }
  | { status: 'ready'; chatId: number; threadId: number }
  /** Somebody else is making it, or its maker's answer was lost. */
  | { status: 'busy'; retryAfterMs: number }
  | { status: 'failed'; error: string }

interface StateRow {
  topic_state: 'none' | 'creating' | 'ready' | 'failed'
  topic_chat_id: string | null
  topic_thread_id: string | null
  topic_error: string | null
  retry_after_ms: number | null
}

/**
 * Asks to make the topic of a conversation. However many ask at once, in however many processes, one is told `claimed`;
 * its claim ends after `holdSeconds`, so that a maker that died does not block for ever. `replaces` names a topic that
 * turned out to be deleted.
 */
export async function claimTopic(
  sql: Sql,
  {
    userId,
    holdSeconds,
    replaces,
  }: { userId: string; holdSeconds: number; replaces?: { chatId: number; threadId: number } },
): Promise<TopicClaim> {
  const claimed = await sql.query({
    text: `
      UPDATE conversations SET topic_state = 'creating', topic_retry_at = now() + make_interval(secs => $2),
        topic_error = NULL, topic_chat_id = NULL, topic_thread_id = NULL, topic_closed_at = NULL, card_message_id = NULL,
        card_pinned_at = NULL
      WHERE user_id = $1 AND (
        topic_state = 'none'
        OR topic_state IN ('creating', 'failed') AND coalesce(topic_retry_at, now()) <= now()
        OR topic_state = 'ready' AND topic_chat_id = $3 AND topic_thread_id = $4)`,
    values: [userId, holdSeconds, replaces?.chatId ?? null, replaces?.threadId ?? null],
  })
  if (claimed.rowCount) return { status: 'claimed' }
  return readClaim(sql, userId)
}

async function readClaim(sql: Sql, userId: string): Promise<TopicClaim> {
  const { rows } = await sql.query<StateRow>({
    text: `
      SELECT topic_state, topic_chat_id, topic_thread_id, topic_error,
        (extract(epoch FROM topic_retry_at - now()) * 1000)::float8 AS retry_after_ms
      FROM conversations WHERE user_id = $1`,
    values: [userId],
  })
  const row = rows[0]
  if (!row) return { status: 'failed', error: 'There is no such conversation' }
  const { topic_state: state, topic_chat_id: chatId, topic_thread_id: threadId } = row
  if (state === 'ready' && chatId !== null && threadId !== null) {
    return { status: 'ready', chatId: Number(chatId), threadId: Number(threadId) }
  }
  if (state === 'failed') return { status: 'failed', error: row.topic_error ?? '?' }
  return { status: 'busy', retryAfterMs: Math.max(0, row.retry_after_ms ?? 0) }
}

/**
 * Stores the topic that was made. False when the conversation has another one by now; then this one is surplus.
 * Telling the same again is true.
 */
export async function recordTopic(
  sql: Sql,
  topic: { userId: string; chatId: number; threadId: number; title: string },
): Promise<boolean> {
  const { rowCount } = await sql.query({
    text: `
      UPDATE conversations SET topic_state = 'ready', topic_chat_id = $2, topic_thread_id = $3, topic_title = $4,
        topic_retry_at = NULL, topic_error = NULL
      WHERE user_id = $1 AND (topic_state <> 'ready' OR topic_chat_id = $2 AND topic_thread_id = $3)`,
    values: [topic.userId, topic.chatId, topic.threadId, topic.title],
  })
  return Boolean(rowCount)
}

/** Lets others try to make the topic after a while: nobody knows whether this try made one. */
export async function holdTopic(sql: Sql, { userId, seconds }: { userId: string; seconds: number }): Promise<void> {
  await sql.query({
    text: `
      UPDATE conversations SET topic_retry_at = now() + make_interval(secs => $2)
      WHERE user_id = $1 AND topic_state = 'creating'`,
    values: [userId, seconds],
  })
}

/** Gives a claim back: surely no topic was made. */
export async function releaseTopic(sql: Sql, { userId }: { userId: string }): Promise<void> {
  await sql.query({
    text: `UPDATE conversations SET topic_state = 'none', topic_retry_at = NULL WHERE user_id = $1 AND topic_state = 'creating'`,
    values: [userId],
  })
}

/** Remembers why no topic can be made; the next try is due after `retrySeconds`. */
export async function failTopic(
  sql: Sql,
  { userId, error, retrySeconds }: { userId: string; error: string; retrySeconds: number },
): Promise<void> {
  await sql.query({
    text: `
      UPDATE conversations SET topic_state = 'failed', topic_error = $2,
        topic_retry_at = now() + make_interval(secs => $3)
      WHERE user_id = $1 AND topic_state = 'creating'`,
    values: [userId, error, retrySeconds],
  })
}

/** Makes every failed topic due again: whatever was in the way seems to be gone. */
export async function retryFailedTopics(sql: Sql): Promise<number> {
  const { rowCount } = await sql.query(
    `UPDATE conversations SET topic_retry_at = now() WHERE topic_state = 'failed' AND topic_retry_at > now()`,
  )
  return rowCount ?? 0
}

/** Notes that a topic was closed or opened in Telegram. Returns whose it is; null for a topic of no user. */
export async function recordTopicClosed(
  sql: Sql,
  { chatId, threadId, isClosed }: { chatId: number; threadId: number; isClosed: boolean },
): Promise<string | null> {
  const { rows } = await sql.query<{ user_id: string }>({
    text: `
      UPDATE conversations SET topic_closed_at = CASE WHEN $3::boolean THEN now() END
      WHERE topic_chat_id = $1 AND topic_thread_id = $2 RETURNING user_id`,
    values: [chatId, threadId, isClosed],
  })
  return rows[0]?.user_id ?? null
}
