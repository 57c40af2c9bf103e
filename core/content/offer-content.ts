import { markAnswered } from '#core/conversations/accept-answer.ts'
import { notify } from '#core/live/notify.ts'
import { enqueue } from '#core/outbox/enqueue.ts'
import { lanes, outboxPriority } from '#core/outbox/outbox-item.ts'
import type { Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

export interface Offer {
  userId: bigint
  contentId: number
  /** How it stands in the conversation. */
  text: string
  /** The message in the topic that asked for it. */
  asked: { botId: bigint; topicChatId: bigint; messageId: bigint }
  author: { id: bigint | null; name: string }
  now: Date
}

/**
 * Sends a user the locked teaser of a content as an answer of the team: stored, counted and owed together. The same
 * message in the topic offers once; false when it did before.
 */
export async function offerContent(tx: Tx, offer: Offer): Promise<boolean> {
  const { userId, contentId, text, asked, author, now } = offer
  const [stored] = await tx.message.createManyAndReturn({
    data: {
      botId: asked.botId,
      userId,
      direction: 'out',
      kind: 'text',
      text,
      content: { text },
      topicChatId: asked.topicChatId,
      topicMessageId: asked.messageId,
      authorId: author.id,
      authorName: author.name,
      createdAt: now,
    },
    skipDuplicates: true,
    select: { id: true },
  })
  if (!stored) return false
  await enqueue(tx, {
    lane: lanes.chat(userId),
    purpose: 'teaser',
    priority: outboxPriority.userFacing,
    userId,
    messageId: stored.id,
    payload: { contentId, messageIds: [String(stored.id)] },
  })
  await markAnswered(tx, userId, { parts: [{ text, kind: 'text' }], now }, 1)
  await notify(tx, 'live')
  return true
}
