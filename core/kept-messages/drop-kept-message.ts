import type { Db } from '#core/db.ts'

/**
 * Calls a kept message back: it will not be sent. `gone` when it was sent, called back or forgotten before, and when it
 * is somebody else's.
 */
export async function dropKeptMessage(
  db: Db,
  { keptId, userId, now }: { keptId: bigint; userId: bigint; now: Date },
): Promise<{ status: 'dropped' | 'gone' }> {
  // Compare-and-set: waits for a sending under way, and then finds it ended.
  const { count } = await db.keptMessage.updateMany({
    where: { id: keptId, userId, endedAt: null, expiresAt: { gt: now } },
    data: { endedAt: now },
  })
  return { status: count === 1 ? 'dropped' : 'gone' }
}

/** Forgets kept messages whose time is over, sent or not. Returns how many. */
export async function forgetKeptMessages(db: Db, { now }: { now: Date }): Promise<number> {
  const { count } = await db.keptMessage.deleteMany({ where: { expiresAt: { lte: now } } })
  return count
}
