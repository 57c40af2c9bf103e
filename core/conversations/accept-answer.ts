import type { Db } from '#core/db.ts'
import { notify } from '#core/live/notify.ts'
import { enqueue } from '#core/outbox/enqueue.ts'
import { lanes, outboxPriority } from '#core/outbox/outbox-item.ts'
import { shortText } from '#core/storable-text.ts'
import type { Prisma, PrismaClient } from '#prisma'

const PREVIEW_LENGTH = 120

export interface TeamMessage {
  botId: bigint
  topicChatId: bigint
  /** null in General, where only a reply to a user's message says whose conversation it is. */
  threadId: bigint | null
  /** One Telegram message, or the parts of an album in their order. */
  parts: { messageId: bigint; kind: string; text: string | null; content: object }[]
  /** null for an anonymous admin. */
  author: { id: bigint | null; name: string }
  /** The topic message that this one replies to. */
  repliesTo: bigint | null
  /** Only replies to the user's messages count as answers. */
  repliesOnly: boolean
  now: Date
}

export type AnswerOutcome =
  | { status: 'queued' }
  | { status: 'duplicate' }
  | { status: 'no-conversation' }
  | { status: 'internal' }
  | { status: 'blocked' }

/**
 * Takes what the team wrote in a topic as the answer to its user: stored, counted and owed to the private chat in one
 * transaction. The same topic message is taken once. `internal` when only replies are answers and this is none.
 */
export async function acceptAnswer(prisma: PrismaClient, message: TeamMessage): Promise<AnswerOutcome> {
  return prisma.$transaction(async (tx) => {
    const conversation = await tx.conversation.findFirst({
      where: await whereItBelongs(tx, message),
      include: { user: { select: { blockedAt: true } } },
    })
    if (!conversation) return { status: 'no-conversation' }
    if (message.repliesOnly && !(await isUserMessage(tx, message))) return { status: 'internal' }
    if (conversation.user.blockedAt) return { status: 'blocked' }
    const ids = await storeParts(tx, conversation.userId, message)
    if (ids.length === 0) return { status: 'duplicate' }
    await enqueue(tx, {
      lane: lanes.chat(conversation.userId),
      purpose: 'reply',
      priority: outboxPriority.userFacing,
      userId: conversation.userId,
      messageId: ids[0],
      payload: { messageIds: ids.map(String) },
    })
    await markAnswered(tx, conversation.userId, message, ids.length)
    await notify(tx, 'live')
    return { status: 'queued' }
  })
}

async function whereItBelongs(
  tx: Prisma.TransactionClient,
  { topicChatId, threadId, repliesTo }: TeamMessage,
): Promise<Prisma.ConversationWhereInput> {
  if (threadId !== null) return { topicChatId, topicThreadId: threadId }
  const place = await tx.messagePlace.findFirst({
    where: { topicChatId, topicMessageId: repliesTo ?? 0n },
    select: { messageId: true },
  })
  const replied = place && (await tx.message.findUnique({ where: { id: place.messageId }, select: { userId: true } }))
  return { userId: replied?.userId ?? -1n }
}

/** Whether what was replied to is what a user wrote. */
export async function isUserMessage(
  db: Db,
  { topicChatId, repliesTo }: Pick<TeamMessage, 'topicChatId' | 'repliesTo'>,
): Promise<boolean> {
  if (repliesTo === null) return false
  const place = await db.messagePlace.findFirst({
    where: { topicChatId, topicMessageId: repliesTo },
    select: { messageId: true },
  })
  return place !== null
}

async function storeParts(tx: Prisma.TransactionClient, userId: bigint, message: TeamMessage): Promise<bigint[]> {
  const { botId, topicChatId, author, parts, now } = message
  const stored = await tx.message.createManyAndReturn({
    data: parts.map((part) => ({
      botId,
      userId,
      direction: 'out' as const,
      kind: part.kind,
      text: part.text,
      content: part.content,
      topicChatId,
      topicMessageId: part.messageId,
      authorId: author.id,
      authorName: author.name,
      createdAt: now,
    })),
    skipDuplicates: true,
    select: { id: true },
  })
  return stored.map((row) => row.id).sort((a, b) => (a < b ? -1 : 1))
}

/** Notes on the conversation that the team has answered with `count` messages. */
export async function markAnswered(
  tx: Prisma.TransactionClient,
  userId: bigint,
  { parts, now }: { parts: readonly Pick<TeamMessage['parts'][number], 'text' | 'kind'>[]; now: Date },
  count: number,
): Promise<void> {
  await tx.conversation.update({
    where: { userId },
    data: {
      messagesOut: { increment: count },
      unread: 0,
      waitingSince: null,
      closedAt: null,
      receiptMessageId: null,
      lastMessageAt: now,
      lastMessageMinute: startOfMinute(now),
      lastTeamMessageAt: now,
      preview: shortText(parts[0]?.text ?? parts[0]?.kind ?? '', PREVIEW_LENGTH),
    },
  })
}

function startOfMinute(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 60_000) * 60_000)
}
