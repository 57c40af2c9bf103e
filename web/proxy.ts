import { type NextRequest, NextResponse } from 'next/server'
import { contentSecurityPolicy } from '#web/server/content-security-policy.ts'
import { currentConfig, isSecure } from '#web/server/current-config.ts'

/**
 * Adds what depends on the request to every page: a fresh nonce for scripts, and https for good where it is in use.
 * Nobody is let in or kept out here; that happens where the data is.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = crypto.randomUUID().replaceAll('-', '')
  const secure = isSecure(currentConfig())
  const policy = contentSecurityPolicy(nonce, { secure })
  const headers = new Headers(request.headers)
  headers.set('Content-Security-Policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('Content-Security-Policy', policy)
  if (secure) response.headers.set('Strict-Transport-Security', 'max-age=31536000; includeSubDomains')
  return response
}

/** Stripe reads nothing but the status of an answer, and may knock often. */
export const config = { matcher: '/((?!_next/static|icon.svg|api/stripe/webhook$|stripe-webhook$).*)' }
