import type { Db } from '#core/db.ts'
import { DAY_MS } from '#core/durations.ts'

/** Stripe repeats events for thirty days at most. */
const KEPT_MS = 90 * DAY_MS

/**
 * Whether something is to be said now: true for the first who asks with this key, and again for one after
 * `againAfterSeconds`, if that is given. Say it in the same transaction. Unlike a look at what was said it holds for
 * those who ask at the same moment.
 */
export async function claimNotice(
  tx: Db,
  { key, againAfterSeconds }: { key: string; againAfterSeconds?: number },
): Promise<boolean> {
  const claimed = await tx.$executeRaw`
    INSERT INTO told_notices (key) VALUES (${key})
    ON CONFLICT (key) DO UPDATE SET created_at = now()
      WHERE told_notices.created_at <= now() - make_interval(secs => ${againAfterSeconds ?? null}::int)`
  return claimed === 1
}

/** Forgets what was said longer ago than any event can be repeated. */
export async function forgetToldNotices(db: Db, { now }: { now: Date }): Promise<void> {
  await db.toldNotice.deleteMany({ where: { createdAt: { lt: new Date(now.getTime() - KEPT_MS) } } })
}
