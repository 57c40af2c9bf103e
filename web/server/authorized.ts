import 'server-only'
import { cookies, headers } from 'next/headers'
import { forbidden, redirect } from 'next/navigation'
import type { ReactNode } from 'react'
import type { Session } from '#core/team/find-session.ts'
import { hasRole } from '#core/team/roles.ts'
import type { Role } from '#prisma'
import { isSecure } from '#web/server/current-config.ts'
import { getDeps } from '#web/server/deps.ts'
import { isSameOrigin } from '#web/server/same-origin.ts'
import { readSession } from '#web/server/session.ts'
import { sessionCookieName } from '#web/server/session-cookie.ts'

/**
 * A page for members of at least the given role. Nobody is sent to sign in; a member who may not see it gets 403.
 * `render` runs only for those who may.
 */
export function authorizedPage<Props>(minimum: Role, render: (session: Session, props: Props) => Promise<ReactNode>) {
  return async function AuthorizedPage(props: Props) {
    const session = await readSession()
    if (!session) redirect('/login')
    if (!hasRole(session.member.role, minimum)) forbidden()
    return render(session, props)
  }
}

const SAFE_METHODS = new Set(['GET', 'HEAD'])

/** A route for members of at least the given role: 401 for nobody, 403 for the others and for foreign origins. */
export function authorizedRoute(minimum: Role, handle: (session: Session, request: Request) => Promise<Response>) {
  return async function authorizedHandler(request: Request): Promise<Response> {
    if (!SAFE_METHODS.has(request.method) && !isSameOrigin(request.headers, getDeps().config.publicUrl)) {
      return refusal(403, 'This request came from another site.')
    }
    const session = await readSession()
    if (!session) return refusal(401, 'Sign in first.')
    if (!hasRole(session.member.role, minimum)) return refusal(403, 'Your role does not include this.')
    return handle(session, request)
  }
}

function refusal(status: 401 | 403, error: string): Response {
  return Response.json({ error }, { status, headers: { 'Cache-Control': 'no-store' } })
}

/**
 * A server action for members of at least the given role. Nobody is sent to sign in; others and foreign origins get
 * 403. `act` runs only for those who may.
 */
export function authorizedAction<Input extends unknown[], Result>(
  minimum: Role,
  act: (session: Session, ...input: Input) => Promise<Result>,
) {
  return async function authorizedServerAction(...input: Input): Promise<Result> {
    if (!isSameOrigin(await headers(), getDeps().config.publicUrl)) forbidden()
    const session = await readSession()
    if (!session) redirect('/login')
    if (!hasRole(session.member.role, minimum)) forbidden()
    return act(session, ...input)
  }
}

/** Takes the sign-in out of the browser; the session itself is ended by the domain. Only in actions and routes. */
export async function forgetSessionCookie(): Promise<void> {
  const { config } = getDeps()
  const secure = isSecure(config)
  const name = sessionCookieName(config.publicUrl)
  ;(await cookies()).set(name, '', { path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge: 0 })
}
