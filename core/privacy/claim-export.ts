import type { Db } from '#core/db.ts'
import { HOUR_MS } from '#core/durations.ts'

/** How often somebody may ask for everything that is kept about them. */
const EVERY_MS = HOUR_MS

export type ExportClaim =
  | { status: 'claimed' }
  /** They were sent it less than an hour ago. */
  | { status: 'too_soon'; againAt: Date }
  | { status: 'unknown' }

/** Allows a user one export per hour. The same message may ask again: it was cut off, and that is the same export. */
export async function claimExport(
  db: Db,
  { userId, messageId, now }: { userId: bigint; messageId: number; now: Date },
): Promise<ExportClaim> {
  if (!(await db.user.findUnique({ where: { id: userId }, select: { id: true } }))) return { status: 'unknown' }
  const since = new Date(now.getTime() - EVERY_MS)
  const claimed = await db.$executeRaw`
    INSERT INTO data_exports AS d (user_id, message_id, requested_at) VALUES (${userId}, ${messageId}, ${now})
    ON CONFLICT (user_id) DO UPDATE SET message_id = excluded.message_id, requested_at = excluded.requested_at
    WHERE d.requested_at <= ${since} OR d.message_id = excluded.message_id`
  if (claimed > 0) return { status: 'claimed' }
  const last = await db.dataExport.findUniqueOrThrow({ where: { userId } })
  return { status: 'too_soon', againAt: new Date(last.requestedAt.getTime() + EVERY_MS) }
}
