import { isWholeMessage, kindOfWhole, textOfWhole } from '#core/analytics/album-parts.ts'
import type { Db } from '#core/db.ts'
import type { Tier } from '#prisma'

export interface WaitingSummary {
  count: number
  since: Date | null
  /** How many wait less than 1 h, 1–4 h, 4–24 h, longer. */
  byAge: [number, number, number, number]
}

interface Row {
  count: number
  since: Date | null
  under_hour: number
  under_four: number
  under_day: number
}

/** Conversations whose user waits for the team; as dear as there are people waiting. */
export async function readWaiting(db: Db, { now }: { now: Date }): Promise<WaitingSummary> {
  const [row] = await db.$queryRaw<[Row]>`
    SELECT count(*)::int AS count, min(waiting_since) AS since,
      count(*) FILTER (WHERE waiting_since > ${now}::timestamptz - interval '1 hour')::int AS under_hour,
      count(*) FILTER (WHERE waiting_since > ${now}::timestamptz - interval '4 hours')::int AS under_four,
      count(*) FILTER (WHERE waiting_since > ${now}::timestamptz - interval '24 hours')::int AS under_day
    FROM conversations WHERE waiting_since IS NOT NULL AND archived_at IS NULL AND closed_at IS NULL`
  const { count, since, under_hour: hour, under_four: four, under_day: day } = row
  return { count, since, byAge: [hour, four - hour, day - four, count - day] }
}

export interface WaitingConversation {
  userId: bigint
  firstName: string
  lastName: string | null
  tier: Tier
  since: Date
  unread: number
  /** What they said last, in short; null when it was without words. */
  preview: string | null
  /** What kind of message that was. */
  kind: string | null
  topicChatId: bigint | null
  topicThreadId: bigint | null
}

/** The conversations that have waited longest. */
export async function listWaiting(db: Db, { limit }: { limit: number }): Promise<WaitingConversation[]> {
  return db.$queryRaw<WaitingConversation[]>`
    SELECT u.id AS "userId", u.first_name AS "firstName", u.last_name AS "lastName", u.tier::text AS tier,
      c.waiting_since AS since, c.unread, last.kind,
      CASE WHEN last.kind IS NULL OR last.has_text THEN c.preview END AS preview, c.topic_chat_id AS "topicChatId",
      c.topic_thread_id AS "topicThreadId"
    FROM (
      SELECT * FROM conversations WHERE waiting_since IS NOT NULL AND archived_at IS NULL AND closed_at IS NULL
      ORDER BY waiting_since LIMIT ${limit}
    ) c JOIN users u ON u.id = c.user_id
    LEFT JOIN LATERAL (
      SELECT ${kindOfWhole} AS kind, ${textOfWhole} IS NOT NULL AS has_text FROM messages m
      WHERE m.user_id = c.user_id AND m.direction = 'in' AND ${isWholeMessage} ORDER BY m.id DESC LIMIT 1
    ) last ON true
    ORDER BY c.waiting_since`
}
