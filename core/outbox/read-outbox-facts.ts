import type { Sql } from '#core/db.ts'
import type { OutboxMessage } from '#core/outbox/claim-items.ts'

/** What sending to or about a user needs to know. Telegram's ids are numbers here: they fit. */
export interface Person {
  userId: string
  firstName: string
  lastName: string | null
  username: string | null
  languageCode: string | null
  tier: 'new' | 'regular' | 'vip'
  isBlocked: boolean
  /** null while there is none. */
  topic: { chatId: number; threadId: number } | null
  isTopicClosed: boolean
  cardMessageId: number | null
  isCardPinned: boolean
  /** While set, the topic could not be made and the next try is not due. */
  topicFailure: string | null
  receiptMessageId: number | null
}

interface PersonRow {
  id: string
  first_name: string
  last_name: string | null
  username: string | null
  language_code: string | null
  tier: Person['tier']
  is_blocked: boolean
  topic_chat_id: string | null
  topic_thread_id: string | null
  is_topic_closed: boolean
  card_message_id: string | null
  is_card_pinned: boolean
  topic_failure: string | null
  receipt_message_id: string | null
}

/** People by their ids, in one query. Unknown ids are missing from the map. */
export async function readPeople(sql: Sql, userIds: readonly string[]): Promise<Map<string, Person>> {
  const { rows } = await sql.query<PersonRow>({
    name: 'read_outbox_people',
    text: `
      SELECT u.id, u.first_name, u.last_name, u.username, u.language_code, u.tier, u.blocked_at IS NOT NULL AS is_blocked,
        CASE WHEN c.topic_state = 'ready' THEN c.topic_chat_id END AS topic_chat_id,
        CASE WHEN c.topic_state = 'ready' THEN c.topic_thread_id END AS topic_thread_id,
        c.topic_closed_at IS NOT NULL AS is_topic_closed, c.card_message_id,
        c.card_pinned_at IS NOT NULL AS is_card_pinned,
        CASE WHEN c.topic_state = 'failed' AND c.topic_retry_at > now() THEN coalesce(c.topic_error, '?') END
          AS topic_failure,
        c.receipt_message_id
      FROM users u LEFT JOIN conversations c ON c.user_id = u.id
      WHERE u.id = ANY($1::bigint[])`,
    values: [userIds],
  })
  return new Map(rows.map((row) => [row.id, toPerson(row)]))
}

function toPerson(row: PersonRow): Person {
  const { topic_chat_id: chatId, topic_thread_id: threadId } = row
  return {
    userId: row.id,
    firstName: row.first_name,
    lastName: row.last_name,
    username: row.username,
    languageCode: row.language_code,
    tier: row.tier,
    isBlocked: row.is_blocked,
    topic: chatId !== null && threadId !== null ? { chatId: Number(chatId), threadId: Number(threadId) } : null,
    isTopicClosed: row.is_topic_closed,
    cardMessageId: toNumber(row.card_message_id),
    isCardPinned: row.is_card_pinned,
    topicFailure: row.topic_failure,
    receiptMessageId: toNumber(row.receipt_message_id),
  }
}

/** What balances were right after credits last came in: the full length of the bar on a receipt. */
export async function readFullCredits(sql: Sql, userIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await sql.query<{ id: string; balance: number }>({
    name: 'read_full_credits',
    text: `
      SELECT u.id, income.balance FROM unnest($1::bigint[]) AS u(id), LATERAL (
        SELECT e.balance_after AS balance FROM ledger_entries e WHERE e.user_id = u.id AND e.amount > 0
        ORDER BY e.version DESC LIMIT 1) income`,
    values: [userIds],
  })
  return new Map(rows.map((row) => [row.id, row.balance]))
}

/** At how many credits or fewer auto-recharge buys by itself. Whoever has none that would is missing from the map. */
export async function readRechargeThresholds(sql: Sql, userIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await sql.query<{ id: string; threshold: number }>({
    name: 'read_recharge_thresholds',
    text: `
      SELECT user_id AS id, recharge_below AS threshold FROM accounts
      WHERE user_id = ANY($1::bigint[]) AND recharge_below IS NOT NULL`,
    values: [userIds],
  })
  return new Map(rows.map(({ id, threshold }) => [id, threshold]))
}

interface MessageRow {
  id: string
  kind: string
  content: unknown
  topic_chat_id: string | null
  topic_message_id: string | null
}

/** Messages by their ids, in one query. */
export async function readOutboxMessages(sql: Sql, ids: readonly string[]): Promise<Map<string, OutboxMessage>> {
  const { rows } = await sql.query<MessageRow>({
    name: 'read_outbox_messages',
    text: 'SELECT id, kind, content, topic_chat_id, topic_message_id FROM messages WHERE id = ANY($1::bigint[])',
    values: [ids],
  })
  return new Map(
    rows.map(({ topic_chat_id, topic_message_id, ...row }) => [
      row.id,
      { ...row, topicChatId: toNumber(topic_chat_id), topicMessageId: toNumber(topic_message_id) },
    ]),
  )
}

function toNumber(id: string | null): number | null {
  return id === null ? null : Number(id)
}
