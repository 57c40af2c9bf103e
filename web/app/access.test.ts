import { readdirSync, readFileSync } from 'node:fs'
import { encode } from 'next-auth/jwt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { beat, endBeat } from '#core/health/heartbeat.ts'
import { createLoginToken } from '#core/team/create-login-token.ts'
import { hasRole, roles } from '#core/team/roles.ts'
import type { Role } from '#prisma'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { type BrowserClient, createBrowserClient, useLink } from '#web/testing/browser-client.ts'
import { type RunningWeb, startWeb, TEST_SESSION_SECRET } from '#web/testing/start-web.ts'

type Access = Role | 'everybody'

/** Who may use what. This is written down a second time on purpose: a page that opens by mistake is noticed here. */
const pages: Record<string, Access> = {
  '/': 'viewer',
  '/login': 'everybody',
  '/checkout/[token]/cancel': 'everybody',
  '/checkout/[token]/status': 'everybody',
  '/checkout/[token]/success': 'everybody',
  '/checkout/billing/[token]/status': 'everybody',
  '/checkout/card/[token]/status': 'everybody',
}
const routes: Record<string, Access> = {
  '/api/auth/[...nextauth]': 'everybody',
  '/api/events': 'viewer',
  '/api/health': 'everybody',
  '/api/stripe/webhook': 'everybody',
  '/checkout/[token]': 'everybody',
  '/checkout/billing/[token]': 'everybody',
  '/checkout/card/[token]': 'everybody',
  '/health': 'everybody',
  '/stripe-webhook': 'everybody',
}
const actions: Record<string, Role> = { signOutHere: 'viewer', signOutOnEveryDevice: 'viewer' }

const examples: Record<string, string> = { '[token]': 'no-such-order', '[...nextauth]': 'csrf' }
const appDir = import.meta.dirname
const SECURE_URL = 'https://pay.example.com'

let db: TestDatabase
let web: RunningWeb
/** The same server, told that people reach it by https. */
let secureWeb: RunningWeb
const clients = new Map<Role | 'nobody', BrowserClient>()

beforeAll(async () => {
  db = await createTestDatabase()
  web = await startWeb({ databaseUrl: db.url })
  secureWeb = await startWeb({ databaseUrl: db.url, publicUrl: SECURE_URL })
  clients.set('nobody', createBrowserClient(web.url))
  for (const role of roles) clients.set(role, await signInAs(role))
}, 240_000)
afterAll(async () => {
  await Promise.all([web.stop(), secureWeb.stop()])
  await db.close()
})

let lastMember = 0n

async function createSecret(role: Role) {
  lastMember += 1n
  await db.prisma.teamMember.create({ data: { id: lastMember, name: `The ${role} ${lastMember}`, role } })
  const outcome = await createLoginToken(db.prisma, { memberId: lastMember, now: new Date() })
  if (outcome.status !== 'created') throw new Error(outcome.status)
  return { secret: outcome.secret, memberId: lastMember }
}

async function signInAs(role: Role) {
  const client = createBrowserClient(web.url)
  expect(await useLink(client, (await createSecret(role)).secret)).toBe(true)
  return client
}

/** Asks and hangs up: an event stream would never end. */
async function statusOf(client: BrowserClient, path: string) {
  const hangUp = new AbortController()
  const response = await client.get(path, { signal: hangUp.signal })
  const { status, headers } = response
  hangUp.abort()
  return { status, location: headers.get('location') }
}

function addressOf(file: string) {
  const segments = file.split('/').slice(0, -1)
  return `/${segments.filter((segment) => !segment.startsWith('(')).join('/')}`
}

function exampleOf(address: string) {
  return address.replace(/\[[^\]]+\]/g, (parameter) => examples[parameter] ?? 'x')
}

function readActions() {
  const file = `${appDir}/../.next/server/server-reference-manifest.json`
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { node: Record<string, { exportedName: string }> }
  return Object.entries(manifest.node).map(([id, { exportedName }]) => ({ id, name: exportedName }))
}

test('every page, route and action of the app is declared here', () => {
  const files = readdirSync(appDir, { recursive: true, encoding: 'utf8' })
  const find = (name: string) =>
    files
      .filter((file) => file.endsWith(`/${name}`))
      .map(addressOf)
      .sort()
  expect(find('page.tsx')).toEqual(Object.keys(pages).sort())
  expect(find('route.ts')).toEqual(Object.keys(routes).sort())
  expect(
    readActions()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(Object.keys(actions).sort())
})

test.each(Object.entries(pages))('page %s is open to %s and closed to everybody below', async (address, access) => {
  for (const [who, client] of clients) {
    const { status, location } = await statusOf(client, exampleOf(address))
    const label = `${address} as ${who}`
    if (access === 'everybody') {
      expect([401, 403], label).not.toContain(status)
      if (address !== '/login') expect(location ?? '', label).not.toMatch(/^\/login/)
    } else if (who === 'nobody') expect({ status, location }, label).toEqual({ status: 307, location: '/login' })
    else expect(status, label).toBe(hasRole(who, access) ? 200 : 403)
  }
})

test.each(Object.entries(routes))('route %s is open to %s and closed to everybody below', async (address, access) => {
  for (const [who, client] of clients) {
    const { status } = await statusOf(client, exampleOf(address))
    const label = `${address} as ${who}`
    if (access === 'everybody') expect([401, 403], label).not.toContain(status)
    else if (who === 'nobody') expect(status, label).toBe(401)
    else expect(status, label).toBe(hasRole(who, access) ? 200 : 403)
  }
})

test('no action does anything for nobody, nor for a member whose browser was sent by another site', async () => {
  const owner = await signInAs('owner')
  const sessions = () => db.prisma.webSession.count({ where: { revokedAt: null } })
  const before = await sessions()
  for (const { id } of readActions()) {
    const headers = { 'next-action': id, 'content-type': 'text/plain;charset=UTF-8' }
    const anonymous = await createBrowserClient(web.url).post('/', '[]', headers)
    expect(anonymous.headers.get('x-action-redirect')).toMatch(/^\/login;/)
    const foreign = await owner.post('/', '[]', { ...headers, origin: 'https://evil.example' })
    expect(foreign.status).toBeGreaterThanOrEqual(400)
    expect(foreign.headers.get('x-action-redirect')).toBeNull()
  }
  expect(await sessions()).toBe(before)
})

test('signing out works from the page, at once and for good', async () => {
  const viewer = await signInAs('viewer')
  const cookies = [...viewer.cookies]
  const { id = '' } = readActions().find(({ name }) => name === 'signOutHere') ?? {}
  const headers = { 'next-action': id, 'content-type': 'text/plain;charset=UTF-8' }
  const response = await viewer.post('/', '[]', headers)
  expect(response.headers.get('x-action-redirect')).toMatch(/^\/login\?left=here;/)
  expect([...viewer.cookies.keys()]).not.toContain('paydesk-session')
  // Somebody who kept the cookie gets nowhere with it.
  const cookie = cookies.map(([name, value]) => `${name}=${value}`).join('; ')
  expect((await fetch(web.url, { headers: { cookie }, redirect: 'manual' })).status).toBe(307)
})

test('a link opened by previews and by hand is used up by the button alone, and only once', async () => {
  const { secret, memberId } = await createSecret('agent')
  for (const path of [`/login?token=${secret}`, `/api/auth/callback/one-time-link?token=${secret}`]) {
    await createBrowserClient(web.url).get(path)
  }
  const page = await (await createBrowserClient(web.url).get(`/login?token=${secret}`)).text()
  expect(page).toContain(`The agent ${memberId}`)
  const attempts = Array.from({ length: 5 }, () => useLink(createBrowserClient(web.url), secret))
  expect((await Promise.all(attempts)).filter(Boolean)).toHaveLength(1)
  expect(await db.prisma.webSession.count({ where: { memberId } })).toBe(1)
})

test('a sign-in that another site sends is refused and does not use up the link', async () => {
  const { secret } = await createSecret('agent')
  expect(await useLink(createBrowserClient(web.url, 'https://evil.example'), secret)).toBe(false)
  expect(await useLink(createBrowserClient(web.url), secret)).toBe(true)
})

test('a session that is revoked, or whose member is disabled, is out at the next request', async () => {
  const { secret, memberId } = await createSecret('admin')
  const client = createBrowserClient(web.url)
  await useLink(client, secret)
  expect((await client.get('/')).status).toBe(200)
  await db.prisma.teamMember.update({ where: { id: memberId }, data: { disabledAt: new Date() } })
  expect((await client.get('/')).status).toBe(307)
  await db.prisma.teamMember.update({ where: { id: memberId }, data: { disabledAt: null } })
  expect((await client.get('/')).status).toBe(200)
  await db.prisma.webSession.updateMany({ where: { memberId }, data: { revokedAt: new Date() } })
  expect((await client.get('/')).status).toBe(307)
})

test('a cookie that somebody else sealed, or that names no session, signs nobody in', async () => {
  const { id } = await db.prisma.webSession.findFirstOrThrow({ where: { revokedAt: null } })
  const seal = (sid: string, secret: string) => encode({ token: { sid }, secret })
  const forged = [
    await seal(id, 'another-secret-of-somebody-else'),
    await seal('no-such-session', TEST_SESSION_SECRET),
    'nonsense',
  ]
  for (const value of forged) {
    const headers = { cookie: `paydesk-session=${value}` }
    expect((await fetch(web.url, { headers, redirect: 'manual' })).status).toBe(307)
  }
  const good = { cookie: `paydesk-session=${await seal(id, TEST_SESSION_SECRET)}` }
  expect((await fetch(web.url, { headers: good, redirect: 'manual' })).status).toBe(200)
})

test('the cookie tells nothing but a sealed session id, and scripts cannot read it', async () => {
  const client = createBrowserClient(web.url)
  const { csrfToken } = (await (await client.get('/api/auth/csrf')).json()) as { csrfToken: string }
  const form = new URLSearchParams({ csrfToken, token: (await createSecret('viewer')).secret, json: 'true' })
  const response = await client.post('/api/auth/callback/one-time-link', form)
  const line = response.headers.getSetCookie().find((cookie) => cookie.startsWith('paydesk-session='))
  expect(line).toMatch(/HttpOnly/i)
  expect(line).toMatch(/SameSite=Lax/i)
  expect(await (await client.get('/api/auth/session')).json()).toEqual({ expires: expect.any(String) })
})

test('pages run only scripts that carry the nonce of their own request', async () => {
  const read = async () => {
    const response = await fetch(`${web.url}/login`)
    const policy = response.headers.get('content-security-policy') ?? ''
    return {
      policy,
      nonce: /'nonce-([^']+)'/.exec(policy)?.[1],
      html: await response.text(),
      headers: response.headers,
    }
  }
  const [first, second] = [await read(), await read()]
  expect(first.nonce).toMatch(/^[\w-]{20,}$/)
  expect(first.nonce).not.toBe(second.nonce)
  expect(first.policy).toContain("frame-ancestors 'none'")
  expect(first.policy).not.toMatch(/script-src[^;]*unsafe/)
  const scripts = first.html.match(/<script\b[^>]*>/g) ?? []
  expect(scripts.length).toBeGreaterThan(3)
  for (const script of scripts) expect(script).toContain(`nonce="${first.nonce}"`)
  expect(first.headers.get('x-content-type-options')).toBe('nosniff')
  expect(first.headers.get('referrer-policy')).toBe('same-origin')
  expect(first.headers.get('strict-transport-security')).toBeNull()
  expect(first.headers.get('x-powered-by')).toBeNull()
})

test('by https, cookies are bound to the host and browsers are told to stay with https', async () => {
  const client = createBrowserClient(secureWeb.url, SECURE_URL)
  expect(await useLink(client, (await createSecret('owner')).secret)).toBe(true)
  expect([...client.cookies.keys()]).toContain('__Host-paydesk-session')
  const response = await client.get('/')
  expect(response.status).toBe(200)
  expect(response.headers.get('strict-transport-security')).toMatch(/max-age=31536000/)
  await response.text()
})

test('health is 503 with the reason until the bot polls, then 200, at both addresses', async () => {
  const now = new Date()
  for (const path of ['/health', '/api/health']) {
    const response = await fetch(web.url + path)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ status: 'unwell', reasons: ['poller: no bot process is running'] })
  }
  const facts = { leader: true, polling: true, lastPollAt: now.toISOString(), buffered: 0 }
  await beat(db.prisma, { id: 'bot', startedAt: now, now, facts })
  expect((await fetch(`${web.url}/health`)).status).toBe(200)
  await endBeat(db.prisma, { id: 'bot' })
})

test('an open page hears of changes, few at a time, and is told when its session ends', async () => {
  const { secret, memberId } = await createSecret('viewer')
  const client = createBrowserClient(web.url)
  await useLink(client, secret)
  const events = await readEvents(await client.get('/api/events'))
  await events.until((text) => text.includes('event: changed'))
  const heard = events.count('changed')
  for (let change = 0; change < 20; change += 1) await db.pool.query(`SELECT pg_notify('paydesk_live', '')`)
  await events.until(() => events.count('changed') > heard)
  expect(events.count('changed')).toBeLessThanOrEqual(heard + 2)
  await db.prisma.webSession.updateMany({ where: { memberId }, data: { revokedAt: new Date() } })
  await db.pool.query(`SELECT pg_notify('paydesk_live', '')`)
  await events.until((text) => text.includes('event: signed-out'))
  await events.ended
})

test('names that people chose are shown as text', async () => {
  await db.prisma.user.create({ data: { id: 5n, firstName: '<script>alert(1)</script>', lastName: '"><img src=x>' } })
  const owner = clients.get('owner')
  const html = await (await owner?.get('/'))?.text()
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(html).not.toContain('<script>alert(1)')
  expect(html).not.toContain('<img src=x>')
})

async function readEvents(response: Response) {
  let text = ''
  const wake: (() => void)[] = []
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const ended = (async () => {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: '' }
      if (done) return
      text += value
      for (const check of wake.splice(0)) check()
    }
  })()
  return {
    ended,
    count: (name: string) => text.split(`event: ${name}`).length - 1,
    async until(condition: (text: string) => boolean) {
      while (!condition(text)) await new Promise<void>((resolve) => wake.push(resolve))
    },
  }
}
