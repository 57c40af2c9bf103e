import { decode } from 'next-auth/jwt'
import { z } from 'zod'

/** The `__Host-` prefix makes browsers insist on https, on this very host and on no other path; plain http has none. */
export function sessionCookieName(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Host-paydesk-session' : 'paydesk-session'
}

const claims = z.object({ sid: z.string().min(1) })

/** The session id inside a cookie; null when the cookie is absent, expired, forged or sealed with another secret. */
export async function openSessionCookie(value: string | undefined, secret: string): Promise<string | null> {
  if (!value) return null
  try {
    return claims.parse(await decode({ token: value, secret })).sid
  } catch {
    // Every way in which a cookie can be wrong means the same: nobody is signed in.
    return null
  }
}
