import { type Actor, recordAudit } from '#core/audit/record-audit.ts'
import { notify } from '#core/live/notify.ts'
import type { PrismaClient } from '#prisma'

export interface CloseOutcome {
  status: 'closed' | 'unchanged'
  /** Where the conversation stands in the team's group, so that it can be closed there too. */
  topic: { chatId: number; threadId: number } | null
}

/** Marks a conversation as finished: nobody waits in it any more. The user's next message opens it again. */
export async function closeConversation(
  prisma: PrismaClient,
  { userId, actor, now }: { userId: bigint; actor: Actor; now: Date },
): Promise<CloseOutcome> {
  return prisma.$transaction(async (tx) => {
    const conversation = await tx.conversation.findUnique({ where: { userId } })
    const { topicChatId, topicThreadId } = conversation ?? { topicChatId: null, topicThreadId: null }
    const topic =
      topicChatId === null || topicThreadId === null
        ? null
        : { chatId: Number(topicChatId), threadId: Number(topicThreadId) }
    const { count } = await tx.conversation.updateMany({
      where: { userId, closedAt: null },
      data: { closedAt: now, waitingSince: null, unread: 0 },
    })
    if (count === 0) return { status: 'unchanged', topic }
    await recordAudit(tx, { actor, action: 'conversation.close', target: `user:${userId}` })
    await notify(tx, 'live')
    return { status: 'closed', topic }
  })
}
