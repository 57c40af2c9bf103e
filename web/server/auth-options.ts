import 'server-only'
import type { AuthOptions } from 'next-auth'
import CredentialsProvider from 'next-auth/providers/credentials'
import { findSession } from '#core/team/find-session.ts'
import { SESSION_LIFETIME_MS, signIn } from '#core/team/sign-in.ts'
import { signOut } from '#core/team/sign-out.ts'
import { isSecure } from '#web/server/current-config.ts'
import { type Deps, getDeps } from '#web/server/deps.ts'
import { sessionCookieName } from '#web/server/session-cookie.ts'

/** The cookie is a sealed token that holds a session id and nothing else; what it is worth stands in the database. */
export function createAuthOptions(): AuthOptions {
  const deps = getDeps()
  const { config, database, log } = deps
  const secure = isSecure(config)
  return {
    secret: config.sessionSecret,
    session: { strategy: 'jwt', maxAge: SESSION_LIFETIME_MS / 1000 },
    useSecureCookies: secure,
    cookies: {
      sessionToken: {
        name: sessionCookieName(config.publicUrl),
        options: { httpOnly: true, sameSite: 'lax', path: '/', secure },
      },
    },
    pages: { signIn: '/login', signOut: '/login', error: '/login' },
    providers: [oneTimeLink(deps)],
    callbacks: {
      jwt: ({ token, user }) => (user ? { sid: user.id } : token),
      session: ({ session }) => ({ expires: session.expires }),
      redirect: async () => new URL('/', config.publicUrl).href,
    },
    events: {
      async signOut({ token }) {
        const session = await findSession(database.prisma, { id: String(token.sid), now: new Date() })
        if (session) await signOut(database.prisma, { session, now: new Date() })
      },
    },
    logger: {
      error: (code, metadata) => log.error({ code, metadata }, 'sign-in failed'),
      warn: (code) => log.debug({ code }, 'sign-in warning'),
      debug: () => undefined,
    },
  }
}

function oneTimeLink({ database, log }: Deps) {
  return CredentialsProvider({
    id: 'one-time-link',
    name: 'One-time link',
    credentials: { token: { type: 'text' } },
    async authorize(credentials, request) {
      if (!credentials?.token) return null
      const userAgent = request.headers?.['user-agent']
      const outcome = await signIn(database.prisma, {
        secret: credentials.token,
        userAgent: typeof userAgent === 'string' ? userAgent : null,
        now: new Date(),
      })
      if (outcome.status === 'refused') {
        log.warn('a sign-in link was refused')
        return null
      }
      log.info({ memberId: outcome.memberId }, 'a member signed in')
      return { id: outcome.sessionId }
    },
  })
}
