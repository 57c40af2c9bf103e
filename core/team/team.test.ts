import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkLoginToken } from '#core/team/check-login-token.ts'
import { createLoginToken, LOGIN_TOKEN_LIFETIME_MS } from '#core/team/create-login-token.ts'
import { findSession } from '#core/team/find-session.ts'
import { ensureOwners, findMember, rememberMemberName } from '#core/team/members.ts'
import { hasRole, roles } from '#core/team/roles.ts'
import { SESSION_LIFETIME_MS, signIn } from '#core/team/sign-in.ts'
import { signOut, signOutEverywhere } from '#core/team/sign-out.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

const now = new Date('2026-11-21T10:00:00Z')
const later = (ms: number) => new Date(now.getTime() + ms)

let db: TestDatabase
let nextId = 100n

beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

async function createMember({ disabled = false } = {}) {
  nextId += 1n
  const disabledAt = disabled ? now : null
  return db.prisma.teamMember.create({ data: { id: nextId, name: `Member ${nextId}`, role: 'agent', disabledAt } })
}

async function createSecret(memberId: bigint) {
  const outcome = await createLoginToken(db.prisma, { memberId, now })
  if (outcome.status !== 'created') throw new Error(outcome.status)
  return outcome.secret
}

async function createSession(memberId: bigint) {
  const outcome = await signIn(db.prisma, { secret: await createSecret(memberId), userAgent: 'a browser', now })
  if (outcome.status !== 'signed-in') throw new Error(outcome.status)
  const session = await findSession(db.prisma, { id: outcome.sessionId, now })
  if (!session) throw new Error('no session')
  return session
}

const listAudit = (memberId: bigint) =>
  db.prisma.auditEntry.findMany({ where: { actorId: memberId }, orderBy: { id: 'asc' } })

test('a link that ten browsers use at once makes one session and one audit row', async () => {
  const member = await createMember()
  const secret = await createSecret(member.id)
  const attempts = Array.from({ length: 10 }, () => signIn(db.prisma, { secret, userAgent: null, now }))
  const outcomes = (await Promise.all(attempts)).map(({ status }) => status)
  expect(outcomes.filter((status) => status === 'signed-in')).toHaveLength(1)
  expect(await db.prisma.webSession.count({ where: { memberId: member.id } })).toBe(1)
  expect((await listAudit(member.id)).map(({ action }) => action)).toEqual(['session.sign-in'])
})

test('looking at a link as often as one likes does not use it up', async () => {
  const member = await createMember()
  const secret = await createSecret(member.id)
  for (let look = 0; look < 3; look += 1) {
    expect(await checkLoginToken(db.prisma, { secret, now })).toMatchObject({
      status: 'valid',
      member: { id: member.id },
    })
  }
  expect(await signIn(db.prisma, { secret, userAgent: null, now })).toMatchObject({ status: 'signed-in' })
  expect(await checkLoginToken(db.prisma, { secret, now })).toEqual({ status: 'used' })
})

test('a link works for two minutes and not a moment longer', async () => {
  const member = await createMember()
  const secret = await createSecret(member.id)
  const end = later(LOGIN_TOKEN_LIFETIME_MS)
  expect(await checkLoginToken(db.prisma, { secret, now: end })).toEqual({ status: 'expired' })
  expect(await signIn(db.prisma, { secret, userAgent: null, now: end })).toEqual({ status: 'refused' })
  expect(await signIn(db.prisma, { secret, userAgent: null, now: new Date(end.getTime() - 1) })).toMatchObject({
    status: 'signed-in',
  })
})

test('strangers and disabled members get no link', async () => {
  const disabled = await createMember({ disabled: true })
  expect(await createLoginToken(db.prisma, { memberId: 999_999n, now })).toEqual({ status: 'not-a-member' })
  expect(await createLoginToken(db.prisma, { memberId: disabled.id, now })).toEqual({ status: 'not-a-member' })
})

test('a member who is disabled cannot use a link from before, and loses open sessions', async () => {
  const member = await createMember()
  const session = await createSession(member.id)
  const secret = await createSecret(member.id)
  await db.prisma.teamMember.update({ where: { id: member.id }, data: { disabledAt: now } })
  expect(await checkLoginToken(db.prisma, { secret, now })).toEqual({ status: 'unknown' })
  expect(await signIn(db.prisma, { secret, userAgent: null, now })).toEqual({ status: 'refused' })
  expect(await findSession(db.prisma, { id: session.id, now })).toBeNull()
})

test('the database never holds the secret of a link', async () => {
  const member = await createMember()
  const secret = await createSecret(member.id)
  const rows = await db.prisma.loginToken.findMany({ where: { memberId: member.id } })
  expect(rows).toHaveLength(1)
  expect(rows[0]?.tokenHash).toMatch(/^[0-9a-f]{64}$/)
  expect(JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(secret)
})

test('a made-up secret is unknown and signs nobody in', async () => {
  expect(await checkLoginToken(db.prisma, { secret: 'made-up', now })).toEqual({ status: 'unknown' })
  expect(await signIn(db.prisma, { secret: 'made-up', userAgent: null, now })).toEqual({ status: 'refused' })
})

test('a session ends by itself', async () => {
  const session = await createSession((await createMember()).id)
  expect(await findSession(db.prisma, { id: session.id, now: later(SESSION_LIFETIME_MS - 1) })).not.toBeNull()
  expect(await findSession(db.prisma, { id: session.id, now: later(SESSION_LIFETIME_MS) })).toBeNull()
})

test('a role that changes counts at the next look, without a new sign-in', async () => {
  const member = await createMember()
  const session = await createSession(member.id)
  await db.prisma.teamMember.update({ where: { id: member.id }, data: { role: 'viewer' } })
  expect((await findSession(db.prisma, { id: session.id, now }))?.member.role).toBe('viewer')
})

test('signing out ends this session only; signing out twice is written down once', async () => {
  const member = await createMember()
  const here = await createSession(member.id)
  const there = await createSession(member.id)
  const both = await Promise.all([
    signOut(db.prisma, { session: here, now }),
    signOut(db.prisma, { session: here, now }),
  ])
  expect(both.map(({ status }) => status).sort()).toEqual(['signed-out', 'unchanged'])
  expect(await findSession(db.prisma, { id: here.id, now })).toBeNull()
  expect(await findSession(db.prisma, { id: there.id, now })).not.toBeNull()
  expect((await listAudit(member.id)).map(({ action }) => action)).toEqual([
    'session.sign-in',
    'session.sign-in',
    'session.sign-out',
  ])
})

test('signing out everywhere ends all sessions of the member and of nobody else', async () => {
  const member = await createMember()
  const sessions = [await createSession(member.id), await createSession(member.id)]
  const other = await createSession((await createMember()).id)
  const [first] = sessions
  if (!first) throw new Error('no session')
  expect(await signOutEverywhere(db.prisma, { session: first, now })).toEqual({ ended: 2 })
  for (const { id } of sessions) expect(await findSession(db.prisma, { id, now })).toBeNull()
  expect(await findSession(db.prisma, { id: other.id, now })).not.toBeNull()
})

test('when a session was last seen is kept to the minute, without a write for each look', async () => {
  const session = await createSession((await createMember()).id)
  const seenAt = async () => (await db.prisma.webSession.findUniqueOrThrow({ where: { id: session.id } })).lastSeenAt
  await findSession(db.prisma, { id: session.id, now: later(59_000) })
  expect(await seenAt()).toEqual(now)
  await findSession(db.prisma, { id: session.id, now: later(61_000) })
  expect(await seenAt()).toEqual(later(61_000))
})

test('the owners of the configuration are owners, also when the database said otherwise', async () => {
  const demoted = await createMember({ disabled: true })
  await ensureOwners(db.prisma, { ids: [demoted.id, 7n] })
  await ensureOwners(db.prisma, { ids: [demoted.id, 7n] })
  expect(await findMember(db.prisma, { id: demoted.id })).toMatchObject({ role: 'owner', name: demoted.name })
  await rememberMemberName(db.prisma, { id: 7n, name: 'Olga', username: 'olga' })
  expect(await findMember(db.prisma, { id: 7n })).toEqual({ id: 7n, role: 'owner', name: 'Olga', username: 'olga' })
})

test('each role includes those before it and none after it', () => {
  const table = roles.map((role) => roles.map((minimum) => hasRole(role, minimum)))
  expect(table).toEqual([
    [true, false, false, false],
    [true, true, false, false],
    [true, true, true, false],
    [true, true, true, true],
  ])
})

test('what was audited cannot be changed or deleted', async () => {
  const member = await createMember()
  await createSession(member.id)
  await expect(db.pool.query('UPDATE audit_entries SET actor = $1', ['nobody'])).rejects.toThrow()
  await expect(db.pool.query('DELETE FROM audit_entries')).rejects.toThrow()
})
