import { type Actor, recordAudit } from '#core/audit/record-audit.ts'
import { notify } from '#core/live/notify.ts'
import type { PrismaClient } from '#prisma'

/** Marks a conversation as finished: nobody waits in it any more. The user's next message opens it again. */
export async function closeConversation(
  prisma: PrismaClient,
  { userId, actor, now }: { userId: bigint; actor: Actor; now: Date },
): Promise<{ status: 'closed' | 'unchanged' }> {
  return prisma.$transaction(async (tx) => {
    const { count } = await tx.conversation.updateMany({
      where: { userId, closedAt: null },
      data: { closedAt: now, waitingSince: null, unread: 0 },
    })
    if (count === 0) return { status: 'unchanged' }
    await recordAudit(tx, { actor, action: 'conversation.close', target: `user:${userId}` })
    await notify(tx, 'live')
    return { status: 'closed' }
  })
}
