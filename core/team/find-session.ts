import type { Db } from '#core/db.ts'
import type { Member } from '#core/team/members.ts'

/** `lastSeenAt` is exact to a minute: not every page view is worth a write. */
const SEEN_EVERY_MS = 60_000

export interface Session {
  id: string
  member: Member
}

/**
 * The session behind a cookie with its member and the role they have now. Null when it was revoked, has expired, never
 * was, or when its member was disabled.
 */
export async function findSession(db: Db, { id, now }: { id: string; now: Date }): Promise<Session | null> {
  const session = await db.webSession.findFirst({
    where: { id, revokedAt: null, expiresAt: { gt: now }, member: { disabledAt: null } },
    select: { id: true, lastSeenAt: true, member: { select: { id: true, name: true, username: true, role: true } } },
  })
  if (!session) return null
  const stale = new Date(now.getTime() - SEEN_EVERY_MS)
  if (session.lastSeenAt < stale) {
    await db.webSession.updateMany({ where: { id, lastSeenAt: { lt: stale } }, data: { lastSeenAt: now } })
  }
  return { id: session.id, member: session.member }
}
