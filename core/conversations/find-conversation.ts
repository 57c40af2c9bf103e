import type { Db } from '#core/db.ts'
import type { Conversation } from '#prisma'

/** The conversation that a topic of an admin group belongs to. */
export async function findConversationByTopic(
  db: Db,
  { chatId, threadId }: { chatId: bigint; threadId: bigint },
): Promise<Conversation | null> {
  return db.conversation.findUnique({
    where: { topicChatId_topicThreadId: { topicChatId: chatId, topicThreadId: threadId } },
  })
}
