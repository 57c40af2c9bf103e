import { addContentIn, type NewContent } from '#core/content/add-content.ts'
import { type Offer, offerContent } from '#core/content/offer-content.ts'
import type { Content, Prisma, PrismaClient } from '#prisma'

type Tx = Prisma.TransactionClient

export interface Locked {
  content: Content
  /** Messages in the user's private chat that showed the media openly: they have to be deleted there. */
  shown: bigint[]
}

/**
 * Locks media in one conversation: adds it as a content, offers it to the user, and takes back an answer that would show
 * it openly if that was not sent yet. `openIds` are the answer's messages in the topic. Safe to repeat.
 */
export async function lockMedia(
  prisma: PrismaClient,
  { content: given, openIds, ...offer }: Omit<Offer, 'contentId'> & { content: NewContent; openIds: readonly bigint[] },
): Promise<Locked> {
  return prisma.$transaction(async (tx) => {
    const { content } = await addContentIn(tx, given)
    const shown = await takeBackAnswer(tx, offer, openIds)
    await offerContent(tx, { ...offer, contentId: content.id })
    return { content, shown }
  })
}

async function takeBackAnswer(tx: Tx, { userId, asked }: Pick<Offer, 'userId' | 'asked'>, openIds: readonly bigint[]) {
  if (openIds.length === 0) return []
  const answers = await tx.message.findMany({
    where: { userId, direction: 'out', topicChatId: asked.topicChatId, topicMessageId: { in: [...openIds] } },
    select: { id: true, userMessageId: true },
  })
  const ids = answers.map(({ id }) => id)
  // A call that is on the wire cannot be called back, but without its row it is not tried again.
  const { count } = await tx.outboxItem.deleteMany({
    where: { purpose: 'reply', state: { not: 'dead' }, messageId: { in: ids } },
  })
  if (count > 0) {
    const failure = 'It was locked before it was sent'
    await tx.message.updateMany({ where: { id: { in: ids }, deliveredAt: null }, data: { failure } })
  }
  return answers.flatMap(({ userMessageId }) => userMessageId ?? [])
}

/** A Telegram message of the team's topic with the other parts of its album, as far as they are stored. */
export async function findTopicAlbum(
  prisma: PrismaClient,
  { topicChatId, userId, albumId }: { topicChatId: bigint; userId: bigint; albumId: string },
): Promise<{ messageId: bigint; content: object }[]> {
  const rows = await prisma.$queryRaw<{ topic_message_id: bigint; content: object }[]>`
    SELECT topic_message_id, content FROM messages
    WHERE user_id = ${userId} AND direction = 'out' AND topic_chat_id = ${topicChatId}
      AND content ->> 'media_group_id' = ${albumId} AND created_at > now() - interval '90 days'
    ORDER BY topic_message_id`
  return rows.map(({ topic_message_id: messageId, content }) => ({ messageId, content }))
}
