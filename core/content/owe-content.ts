import type { Db } from '#core/db.ts'
import { enqueue } from '#core/outbox/enqueue.ts'
import { lanes, outboxPriority } from '#core/outbox/outbox-item.ts'

/** Owes a user the media of a content; whether they have the right is looked at again when it is sent. */
export async function oweContent(db: Db, { contentId, userId }: { contentId: number; userId: bigint }): Promise<void> {
  await enqueue(db, {
    lane: lanes.chat(userId),
    purpose: 'content',
    priority: outboxPriority.userFacing,
    userId,
    payload: { contentId },
  })
}

/** Whether that is owed already and on its way. */
export async function isContentOwed(
  db: Db,
  { contentId, userId }: { contentId: number; userId: bigint },
): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM outbox
    WHERE lane = ${lanes.chat(userId)} AND state IN ('pending', 'sending', 'unknown') AND purpose = 'content'
      AND (payload ->> 'contentId')::int = ${contentId} LIMIT 1`
  return rows.length > 0
}
