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
  const dropped = await db.$executeRaw`
    UPDATE kept_messages k SET ended_at = ${now}
    WHERE k.id = ${keptId} AND k.user_id = ${userId} AND k.ended_at IS NULL AND k.expires_at > ${now}
      AND NOT EXISTS (
        SELECT 1 FROM messages m
        WHERE m.bot_id = k.bot_id AND m.user_id = k.user_id AND m.user_message_id = k.user_message_id)`
  return { status: dropped === 1 ? 'dropped' : 'gone' }
}

/**
 * Forgets kept messages whose time is over, sent or not. Returns how many. Ends those that went to the team by
 * themselves: when the answer to a refused message could not be given, its update comes again, and may find credits.
 */
export async function forgetKeptMessages(db: Db, { now }: { now: Date }): Promise<number> {
  await db.$executeRaw`
    UPDATE kept_messages k SET ended_at = ${now}
    WHERE k.ended_at IS NULL AND EXISTS (
      SELECT 1 FROM messages m
      WHERE m.bot_id = k.bot_id AND m.user_id = k.user_id AND m.user_message_id = k.user_message_id)`
  const { count } = await db.keptMessage.deleteMany({ where: { expiresAt: { lte: now } } })
  return count
}
