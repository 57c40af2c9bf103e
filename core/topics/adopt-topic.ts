import type { Sql } from '#core/db.ts'
import { userIdOfTopic } from '#core/topics/topic-name.ts'

export type AdoptOutcome =
  /** The conversation's topic is this one. */
  | { status: 'adopted'; userId: bigint }
  /** The conversation has another topic: this one is surplus. */
  | { status: 'surplus'; userId: bigint }
  /** Not a topic of a conversation. */
  | { status: 'foreign' }

/**
 * Takes in a topic that Telegram says the bot made (forum_topic_created from the bot itself). When the answer to the
 * call was lost, this is how the topic comes to its conversation instead of a second one being made.
 * Only a conversation whose topic is being made takes one in; repeating it changes nothing.
 */
export async function adoptTopic(
  sql: Sql,
  { chatId, threadId, name }: { chatId: number; threadId: number; name: string },
): Promise<AdoptOutcome> {
  const userId = userIdOfTopic(name)
  if (userId === null) return { status: 'foreign' }
  const { rowCount } = await sql.query({
    text: `
      UPDATE conversations SET topic_state = 'ready', topic_chat_id = $2, topic_thread_id = $3, topic_title = $4,
        topic_retry_at = NULL, topic_error = NULL
      WHERE user_id = $1 AND topic_state = 'creating'`,
    values: [userId.toString(), chatId, threadId, name],
  })
  if (rowCount) return { status: 'adopted', userId }
  const { rows } = await sql.query<{ same: boolean | null; has_topic: boolean }>({
    text: `
      SELECT topic_chat_id = $2 AND topic_thread_id = $3 AS same, topic_state = 'ready' AS has_topic
      FROM conversations WHERE user_id = $1`,
    values: [userId.toString(), chatId, threadId],
  })
  const conversation = rows[0]
  if (conversation?.same) return { status: 'adopted', userId }
  return conversation?.has_topic ? { status: 'surplus', userId } : { status: 'foreign' }
}
