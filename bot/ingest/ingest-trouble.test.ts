import { afterEach, beforeEach, expect, test } from 'vitest'
import { measureInbox } from '#core/inbox/measure-inbox.ts'
import { startTelegram, type TelegramStandIn } from '#sandbox/telegram/server.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import {
  BOT_ID,
  createGate,
  type IngestFixture,
  type Proxy,
  runIngest,
  startProxy,
  TOKEN,
  textsOf,
  until,
} from '#testing/ingest/run-ingest.ts'

let db: TestDatabase
let proxy: Proxy
let telegram: TelegramStandIn
let running: IngestFixture[]

beforeEach(async () => {
  db = await createTestDatabase()
  proxy = await startProxy(db.url)
  telegram = await startTelegram({ token: TOKEN, limits: 'off' })
  running = []
})
afterEach(async () => {
  proxy.mend()
  for (const fixture of running) await fixture.stop()
  await telegram.close()
  await proxy.close()
  await db.close()
})

function run(options: Partial<Parameters<typeof runIngest>[0]> = {}): IngestFixture {
  const fixture = runIngest({ databaseUrl: proxy.url, telegramUrl: telegram.url, ...options })
  running.push(fixture)
  return fixture
}

const nothingOpen = () =>
  until(async () => (await measureInbox(db.pool, { botId: BOT_ID })).open === 0, 'an empty inbox')
const say = (userId: number, text: string) => telegram.world.sendText({ userId, text })
const newUser = () => telegram.world.createUser({}).id
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `m${from + index}`)
const polls = () => telegram.world.calls({ method: 'getUpdates' })
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const outageMs = 2_000

test('while updates cannot be stored the offset stands still, and then everything is handled', async () => {
  const { handled, ingest } = run()
  const userId = newUser()
  say(userId, 'm0')
  await until(() => handled.length === 1 && ingest.status().buffered === 0, 'the first message')
  await db.pool.query('ALTER TABLE inbox RENAME TO inbox_away')
  const before = polls().length
  for (const text of range(1, 20)) say(userId, text)
  await until(() => polls().length > before, 'the poll that brought them')
  await pause(700)
  expect(polls().length).toBe(before + 1)
  expect(telegram.world.updateQueue().pending).toBe(20)
  await db.pool.query('ALTER TABLE inbox_away RENAME TO inbox')
  await until(() => handled.length === 21, 'all messages')
  await nothingOpen()
  expect(textsOf(handled)).toEqual(range(0, 20))
})

test.each(['cut', 'freeze'] as const)(
  'a database that goes away (%s) loses nothing and is found again',
  async (how) => {
    const { handled, alerts, ingest } = run({
      limits: { heartbeatTimeoutMs: 600 },
      handler: async () => {
        await pause(2)
      },
    })
    const users = Array.from({ length: 5 }, newUser)
    const speak = (from: number, to: number) => {
      for (const text of range(from, to)) for (const userId of users) say(userId, text)
    }
    speak(1, 40)
    await until(() => handled.length > 20, 'some messages')
    proxy[how]()
    const before = polls().length
    speak(41, 60)
    await until(() => !ingest.status().leader, 'leadership to be lost')
    speak(61, 80)
    await pause(outageMs)
    expect(polls().length - before).toBeLessThanOrEqual(3)
    proxy.mend()
    speak(81, 100)
    await until(() => handled.length >= 500, 'all messages', 15_000)
    await nothingOpen()
    // What was handled but not marked when the database left may come twice, never out of turn for the first time.
    for (const userId of users) expect([...new Set(textsOf(handled, userId))]).toEqual(range(1, 100))
    expect(alerts).toEqual([])
    expect(ingest.status()).toMatchObject({ leader: true, polling: true, problem: null })
  },
  90_000,
)

test('a handler that fails because the database is away costs its update nothing', async () => {
  const gate = createGate()
  let calls = 0
  const { handled, alerts } = run({
    limits: { maxAttempts: 2, retryFirstMs: 5, retryMaxMs: 5 },
    handler: async () => {
      calls += 1
      if (calls > 5) return
      if (calls === 1) await gate.passed
      throw new Error('no database')
    },
  })
  say(newUser(), 'hello')
  await until(() => calls === 1, 'the first attempt')
  await db.pool.query('ALTER TABLE inbox RENAME TO inbox_away')
  gate.open()
  await pause(500)
  expect(calls).toBe(1)
  calls = 5
  await db.pool.query('ALTER TABLE inbox_away RENAME TO inbox')
  await until(() => handled.length === 1, 'the message')
  expect(alerts).toEqual([])
})

test.each(['500', '502', 'garbage', 'drop-before', 'drop-after-accept'] as const)(
  'Telegram that answers with %s for a while loses nothing',
  async (kind) => {
    const { handled, ingest } = run({ limits: { pollRetryFirstMs: 50, pollRetryMaxMs: 200 } })
    const userId = newUser()
    say(userId, 'm1')
    await until(() => handled.length === 1, 'the first message')
    telegram.world.addFault({ kind, method: 'getUpdates', forMs: 1_000 })
    const before = polls().length
    for (const text of range(2, 10)) say(userId, text)
    await until(() => handled.length === 10, 'all messages')
    await nothingOpen()
    expect(textsOf(handled)).toEqual(range(1, 10))
    // Ten polls bring the messages at worst; the others are patient attempts.
    expect(polls().length - before).toBeLessThan(25)
    expect(ingest.status()).toMatchObject({ polling: true, problem: null })
  },
)

test('a request to wait is honoured', async () => {
  telegram.world.addFault({ kind: '429', method: 'getUpdates', retryAfterSeconds: 1 })
  const { handled } = run({ limits: { pollRetryFirstMs: 10 } })
  say(newUser(), 'hello')
  await until(() => handled.length === 1, 'the message')
  const [refused, next] = polls()
  expect((next?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThan(950)
})

test('a silent connection is given up', async () => {
  telegram.world.addFault({ kind: 'slow', method: 'getUpdates', delayMs: 60_000 })
  const { handled } = run({ limits: { pollTimeoutSeconds: 0, pollGraceMs: 100, pollRetryFirstMs: 20 } })
  say(newUser(), 'hello')
  await until(() => handled.length === 1, 'the message')
})

test('another poller is reported and outlasted', async () => {
  telegram.world.addFault({ kind: '409', method: 'getUpdates', times: 4 })
  const { handled, alerts, ingest } = run({ limits: { conflictRetryMs: 100 } })
  say(newUser(), 'hello')
  await until(() => handled.length === 1, 'the message')
  expect(alerts.map((alert) => alert.key)).toEqual(['telegram.conflict', 'telegram.conflict'])
  await until(() => ingest.status().problem === null, 'the end of the problem')
})

test('conflicts that are far between alarm nobody', async () => {
  const { handled, alerts } = run({ limits: { conflictRetryMs: 20 } })
  for (const round of [1, 2]) {
    const { id } = telegram.world.addFault({ kind: '409', method: 'getUpdates', times: 2 })
    // The first ends a poll that may be held; the second is brought by one that begins after both conflicts.
    say(newUser(), 'before')
    await until(() => telegram.world.listFaults().every((fault) => fault.id !== id), 'both conflicts')
    say(newUser(), 'after')
    await until(() => handled.length === 2 * round, 'the messages')
  }
  expect(alerts).toEqual([])
})

test('a real second poller that takes our request away does not stop us', async () => {
  const { handled, ingest } = run({ limits: { conflictRetryMs: 300 } })
  const userId = newUser()
  await until(() => telegram.world.updateQueue().pollerWaiting, 'a held poll')
  const abort = new AbortController()
  const rival = fetch(`${telegram.url}/bot${TOKEN}/getUpdates?timeout=30`, { signal: abort.signal })
  rival.catch(() => undefined)
  await until(() => ingest.status().problem === 'conflict', 'the conflict')
  abort.abort()
  say(userId, 'hello')
  await until(() => handled.length === 1, 'the message')
})

test('a refused token is reported loudly and tried again slowly', async () => {
  telegram.world.addFault({ kind: '401', method: 'getUpdates', times: 2 })
  const { handled, alerts, ingest } = run({ limits: { unauthorizedRetryMs: 300 } })
  say(newUser(), 'hello')
  await until(() => ingest.status().problem === 'unauthorized', 'the problem')
  await until(() => handled.length === 1, 'the message')
  expect(alerts).toMatchObject([
    { key: 'telegram.unauthorized', severity: 'urgent' },
    { key: 'telegram.unauthorized', severity: 'urgent' },
  ])
  const [first, second] = polls()
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(250)
})
