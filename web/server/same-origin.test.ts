import { expect, test } from 'vitest'
import { contentSecurityPolicy } from '#web/server/content-security-policy.ts'
import { isSameOrigin } from '#web/server/same-origin.ts'
import { openSessionCookie, sessionCookieName } from '#web/server/session-cookie.ts'

const publicUrl = 'https://pay.example.com'

test.each([
  ['https://pay.example.com', 'internal:3000', true],
  ['http://127.0.0.1:3000', '127.0.0.1:3000', true],
  ['https://evil.example', 'pay.example.com', false],
  ['https://pay.example.com.evil.example', 'pay.example.com', false],
  ['http://pay.example.com:8080', 'pay.example.com', false],
  ['null', 'pay.example.com', false],
  ['', 'pay.example.com', false],
])('origin %j sent to host %j: ours is %s', (origin, host, ours) => {
  expect(isSameOrigin(new Headers({ origin, host }), publicUrl)).toBe(ours)
})

test('a mutation without an origin is not ours', () => {
  expect(isSameOrigin(new Headers({ host: 'pay.example.com' }), publicUrl)).toBe(false)
})

test('https binds the cookie to the host', () => {
  expect(sessionCookieName(publicUrl)).toBe('__Host-paydesk-session')
  expect(sessionCookieName('http://127.0.0.1:3000')).toBe('paydesk-session')
})

test.each([undefined, '', 'nonsense', 'a.b.c.d.e'])('the cookie %j is nobody', async (value) => {
  expect(await openSessionCookie(value, 'a-secret-only-for-these-tests')).toBeNull()
})

test('insecure requests are upgraded only where https is in use', () => {
  expect(contentSecurityPolicy('n', { secure: true })).toContain('upgrade-insecure-requests')
  expect(contentSecurityPolicy('n', { secure: false })).not.toContain('upgrade-insecure-requests')
})
