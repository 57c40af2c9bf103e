import { type Actor, recordAudit } from '#core/audit/record-audit.ts'
import { notify } from '#core/live/notify.ts'
import type { PrismaClient } from '#prisma'

/** Shuts a user out or lets them back in. Their messages are neither relayed nor charged while banned. */
export async function setBan(
  prisma: PrismaClient,
  { userId, banned, actor, reason, now }: { userId: bigint; banned: boolean; actor: Actor; reason?: string; now: Date },
): Promise<{ status: 'changed' | 'unchanged' | 'unknown-user' }> {
  return prisma.$transaction(async (tx) => {
    const user = await tx.user.findUnique({ where: { id: userId } })
    if (!user) return { status: 'unknown-user' }
    const { count } = await tx.user.updateMany({
      where: { id: userId, bannedAt: banned ? null : { not: null } },
      data: { bannedAt: banned ? now : null, banReason: banned ? (reason ?? null) : null },
    })
    if (count === 0) return { status: 'unchanged' }
    await tx.conversation.updateMany({ where: { userId, cardDirtyAt: null }, data: { cardDirtyAt: now } })
    await recordAudit(tx, {
      actor,
      action: banned ? 'user.ban' : 'user.unban',
      target: `user:${userId}`,
      before: { banned: user.bannedAt !== null },
      after: { banned },
      reason,
    })
    await notify(tx, 'live')
    return { status: 'changed' }
  })
}
