import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '#core/db.ts'
import { type BotFacts, beat, endBeat, listBotFacts } from '#core/health/heartbeat.ts'
import { readHealth } from '#core/health/read-health.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

const now = new Date('2026-11-21T10:00:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)
const polling: BotFacts = { leader: true, polling: true, lastPollAt: ago(20_000).toISOString(), buffered: 0 }

let db: TestDatabase

beforeAll(async () => {
  db = await createTestDatabase()
})
afterEach(() => db.prisma.heartbeat.deleteMany())
afterAll(() => db.close())

async function bot(facts: Partial<BotFacts> = {}, seenAt = now) {
  const id = randomUUID()
  await beat(db.prisma, { id, startedAt: seenAt, now: seenAt, facts: { ...polling, ...facts } })
  return id
}

async function reasons() {
  const health = await readHealth(db.prisma, { now, expectBot: true })
  return health.parts.filter(({ well }) => !well).map(({ part, detail }) => `${part}: ${detail}`)
}

test('all is well while the leading bot polls and Telegram answers', async () => {
  await bot()
  await bot({ leader: false, polling: false, lastPollAt: null })
  expect(await reasons()).toEqual([])
})

test('it is not well without a bot, and not with one that fell silent', async () => {
  expect(await reasons()).toEqual(['poller: no bot process is running'])
  await bot({}, ago(21_000))
  expect(await reasons()).toEqual(['poller: no bot process is running'])
})

test('it is not well when nobody leads, the leader does not poll, or Telegram does not answer', async () => {
  const id = await bot({ leader: false })
  expect(await reasons()).toEqual(['poller: no bot process leads'])
  await beat(db.prisma, { id, startedAt: now, now, facts: { ...polling, polling: false } })
  expect(await reasons()).toEqual(['poller: the bot is running but does not poll Telegram'])
  await beat(db.prisma, { id, startedAt: now, now, facts: { ...polling, lastPollAt: null } })
  expect(await reasons()).toEqual(['poller: Telegram has not answered yet'])
  await beat(db.prisma, { id, startedAt: now, now, facts: { ...polling, lastPollAt: ago(120_000).toISOString() } })
  expect(await reasons()).toEqual(['poller: Telegram has not answered for 2 min'])
})

test('a process that only looks at itself does not ask for a bot', async () => {
  expect(await readHealth(db.prisma, { now, expectBot: false })).toMatchObject({ well: true })
})

test('a migration that the code was built with and the database lacks is named', async () => {
  const health = await readHealth(db.prisma, { now, expectBot: false, migrations: ['20990101000000_of_the_future'] })
  expect(health).toMatchObject({ well: false })
  expect(health.parts).toContainEqual({
    part: 'migrations',
    well: false,
    detail: 'not applied yet: 20990101000000_of_the_future',
  })
})

test('a database that cannot be reached is an answer, not an exception', async () => {
  const away = openDatabase({ connectionString: 'postgresql://127.0.0.1:9/nowhere' }, () => undefined)
  const health = await readHealth(away.prisma, { now, expectBot: true })
  expect(health).toEqual({ well: false, parts: [{ part: 'database', well: false, detail: 'does not answer' }] })
  await away.close()
})

test('processes that ended are forgotten: at once when they say so, else within the hour', async () => {
  const ended = await bot()
  await bot({}, ago(61 * 60_000))
  await endBeat(db.prisma, { id: ended })
  await bot({ leader: false })
  expect(await db.prisma.heartbeat.count()).toBe(1)
})

test('the leader comes first, and facts that do not fit are left out', async () => {
  await bot({ leader: false, buffered: 1 })
  await bot({ buffered: 2 }, ago(1_000))
  await db.prisma.heartbeat.create({
    data: { id: 'odd', process: 'bot', startedAt: now, seenAt: now, facts: { leader: 'yes' } },
  })
  const facts = await listBotFacts(db.prisma, { now, withinMs: 5_000 })
  expect(facts.map(({ facts: { buffered } }) => buffered)).toEqual([2, 1])
})
