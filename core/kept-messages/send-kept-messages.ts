import type { Db } from '#core/db.ts'
import { notify } from '#core/live/notify.ts'
import { lanes, outboxPriority } from '#core/outbox/outbox-item.ts'

/**
 * Owes the sending of what a user wrote while they could not pay for it. Commit it with the credits or time that came
 * in. Costs a look-up and does nothing when nothing is kept; safe to repeat.
 */
export async function sendKeptMessages(db: Db, { userId }: { userId: bigint }): Promise<void> {
  const owed = await db.$executeRaw`
    INSERT INTO outbox (lane, purpose, priority, user_id, payload)
    SELECT ${lanes.kept(userId)}, 'kept', ${outboxPriority.userFacing}::smallint, ${userId}, '{}'::jsonb
    WHERE EXISTS (SELECT 1 FROM kept_messages WHERE user_id = ${userId} AND ended_at IS NULL AND expires_at > now())`
  if (owed > 0) await notify(db, 'outbox')
}
