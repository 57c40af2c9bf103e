import 'server-only'
import { cookies } from 'next/headers'
import { cache } from 'react'
import { findSession, type Session } from '#core/team/find-session.ts'
import { getDeps } from '#web/server/deps.ts'
import { openSessionCookie, sessionCookieName } from '#web/server/session-cookie.ts'

/**
 * Who is asking, as the database knows them at this moment; null for nobody. Asked once per request. Showing something
 * to a member is not a right: pages, routes and actions take theirs from `authorized.ts`.
 */
export const readSession = cache(async (): Promise<Session | null> => {
  const { config, database } = getDeps()
  const cookie = (await cookies()).get(sessionCookieName(config.publicUrl))
  const id = await openSessionCookie(cookie?.value, config.sessionSecret)
  return id === null ? null : findSession(database.prisma, { id, now: new Date() })
})
