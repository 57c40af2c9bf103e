import type { Db } from '#core/db.ts'
import { notify } from '#core/live/notify.ts'

/** Notes that the user stopped the bot (or came back). Nothing is sent to somebody who stopped it. */
export async function markBlocked(
  db: Db,
  { userId, blocked, now }: { userId: bigint; blocked: boolean; now: Date },
): Promise<void> {
  await db.user.updateMany({ where: { id: userId }, data: { blockedAt: blocked ? now : null } })
  await db.conversation.updateMany({ where: { userId, cardDirtyAt: null }, data: { cardDirtyAt: now } })
  await notify(db, 'live')
}
