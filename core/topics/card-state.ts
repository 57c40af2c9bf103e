import type { Sql } from '#core/db.ts'

/** Everything the card shows. */
export interface CardFacts {
  userId: string
  firstName: string
  lastName: string | null
  username: string | null
  tier: 'new' | 'regular' | 'vip'
  credits: number
  passUntil: Date | null
  /** Money received and not given back, per currency, in minor units. */
  spent: { currency: string; amountMinor: number }[]
  since: Date
  source: string | null
  isBlocked: boolean
  isBanned: boolean
  /** The newest few, newest first. */
  notes: { text: string; author: string }[]
  noteCount: number
  /** When this was true, by the database's clock. */
  readAt: Date
}

interface Row {
  id: string
  first_name: string
  last_name: string | null
  username: string | null
  tier: CardFacts['tier']
  credits: number
  pass_until: Date | null
  spent: CardFacts['spent'] | null
  created_at: Date
  source: string | null
  is_blocked: boolean
  is_banned: boolean
  notes: CardFacts['notes'] | null
  note_count: number
  read_at: Date
}

/** What is true about a user now; null for an unknown one. */
export async function readCard(sql: Sql, { userId }: { userId: string }): Promise<CardFacts | null> {
  const { rows } = await sql.query<Row>({
    text: `
      SELECT u.id, u.first_name, u.last_name, u.username, u.tier, u.created_at, u.source, now() AS read_at,
        u.blocked_at IS NOT NULL AS is_blocked, u.banned_at IS NOT NULL AS is_banned,
        coalesce(a.paid + a.bonus - a.debt, 0) AS credits, a.pass_until,
        (SELECT json_agg(json_build_object('currency', s.currency, 'amountMinor', s.amount) ORDER BY s.currency) FROM (
           SELECT p.currency, sum(p.amount_minor - p.refunded_minor)::float8 AS amount FROM payments p
           WHERE p.user_id = u.id AND p.state = 'granted' AND p.refunded_minor < p.amount_minor GROUP BY p.currency) s) AS spent,
        (SELECT json_agg(json_build_object('text', n.text, 'author', n.author_name) ORDER BY n.id DESC) FROM (
           SELECT * FROM notes WHERE user_id = u.id ORDER BY id DESC LIMIT 3) n) AS notes,
        (SELECT count(*)::int FROM notes WHERE user_id = u.id) AS note_count
      FROM users u LEFT JOIN accounts a ON a.user_id = u.id WHERE u.id = $1`,
    values: [userId],
  })
  const row = rows[0]
  if (!row) return null
  return {
    userId: row.id,
    firstName: row.first_name,
    lastName: row.last_name,
    username: row.username,
    tier: row.tier,
    credits: row.credits,
    passUntil: row.pass_until,
    spent: row.spent ?? [],
    since: row.created_at,
    source: row.source,
    isBlocked: row.is_blocked,
    isBanned: row.is_banned,
    notes: row.notes ?? [],
    noteCount: row.note_count,
    readAt: row.read_at,
  }
}

export interface Card {
  userId: string
  chatId: number
  threadId: number
  messageId: number
}

/** Stores where the card of a topic stands and how fresh it is. Only while the conversation still has that topic. */
export async function recordCard(
  sql: Sql,
  { userId, chatId, threadId, messageId, readAt }: Card & { readAt: Date },
): Promise<void> {
  await sql.query({
    text: `
      UPDATE conversations SET card_message_id = $4, card_pinned_at = NULL,
        card_dirty_at = CASE WHEN card_dirty_at > $5 THEN card_dirty_at END
      WHERE user_id = $1 AND topic_chat_id = $2 AND topic_thread_id = $3`,
    values: [userId, chatId, threadId, messageId, readAt],
  })
}

/**
 * Notes that a card was pinned, or that Telegram refused it, which leaves it until `pinCardsAgain`. A card that another one
 * has replaced meanwhile changes nothing.
 */
export async function recordCardPinned(
  sql: Sql,
  { userId, messageId, isRefused }: Pick<Card, 'userId' | 'messageId'> & { isRefused: boolean },
): Promise<void> {
  await sql.query({
    text: `
      UPDATE conversations SET card_pinned_at = CASE WHEN $3 THEN 'epoch'::timestamptz ELSE now() END
      WHERE user_id = $1 AND card_message_id = $2`,
    values: [userId, messageId, isRefused],
  })
}

/** Lets the next message of each conversation pin the card that Telegram refused to pin. */
export async function pinCardsAgain(sql: Sql): Promise<void> {
  await sql.query(`UPDATE conversations SET card_pinned_at = NULL WHERE card_pinned_at = 'epoch'`)
}

/** The card is gone or cannot be edited any more: the next message brings a new one. */
export async function forgetCard(sql: Sql, { userId, messageId }: Pick<Card, 'userId' | 'messageId'>): Promise<void> {
  await sql.query({
    text: `
      UPDATE conversations SET card_message_id = NULL, card_pinned_at = NULL, card_dirty_at = NULL
      WHERE user_id = $1 AND card_message_id = $2`,
    values: [userId, messageId],
  })
}

/**
 * Takes cards whose facts changed at least `settledSeconds` ago, the longest outdated first, and marks them clean: what
 * changes from now on marks them again. A card is handed to one taker only; whoever fails to edit it marks it dirty.
 */
export async function takeDirtyCards(
  sql: Sql,
  { except, settledSeconds, limit }: { except: readonly string[]; settledSeconds: number; limit: number },
): Promise<Card[]> {
  const { rows } = await sql.query<Record<'user_id' | 'chat_id' | 'thread_id' | 'message_id', string>>({
    text: `
      WITH dirty AS (
        SELECT user_id FROM conversations
        WHERE card_dirty_at <= now() - make_interval(secs => $2) AND card_message_id IS NOT NULL
          AND topic_state = 'ready' AND user_id <> ALL($1::bigint[])
        ORDER BY card_dirty_at LIMIT $3 FOR UPDATE SKIP LOCKED)
      UPDATE conversations c SET card_dirty_at = NULL FROM dirty WHERE c.user_id = dirty.user_id
      RETURNING c.user_id, c.topic_chat_id AS chat_id, c.topic_thread_id AS thread_id, c.card_message_id AS message_id`,
    values: [except, settledSeconds, limit],
  })
  return rows.map((row) => ({
    userId: row.user_id,
    chatId: Number(row.chat_id),
    threadId: Number(row.thread_id),
    messageId: Number(row.message_id),
  }))
}

/** The card does not show the truth. Keeps the time since when. */
export async function markCardDirty(sql: Sql, { userId }: { userId: string }): Promise<void> {
  await sql.query({
    text: 'UPDATE conversations SET card_dirty_at = coalesce(card_dirty_at, now()) WHERE user_id = $1',
    values: [userId],
  })
}
