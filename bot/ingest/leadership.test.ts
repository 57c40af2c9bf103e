import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { measureInbox } from '#core/inbox/measure-inbox.ts'
import { startTelegram, type TelegramStandIn } from '#sandbox/telegram/server.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import {
  BOT_ID,
  createGate,
  type IngestFixture,
  runIngest,
  startProxy,
  TOKEN,
  textsOf,
  until,
} from '#testing/ingest/run-ingest.ts'
import { spawnScript } from '#testing/script-process.ts'

let db: TestDatabase
let telegram: TelegramStandIn
let running: IngestFixture[]
let children: Child[]

interface Child {
  process: ChildProcess
  /** When it last began to lead. */
  leadsSince: number | null
}

beforeEach(async () => {
  db = await createTestDatabase()
  await db.pool.query(
    `CREATE TABLE effects (id bigserial, chat_id bigint, message_id bigint, UNIQUE (chat_id, message_id));
     CREATE TABLE child_alerts (alert text)`,
  )
  telegram = await startTelegram({ token: TOKEN, limits: 'off' })
  running = []
  children = []
})
afterEach(async () => {
  for (const fixture of running) await fixture.stop()
  for (const child of children) await kill(child)
  await telegram.close()
  await db.close()
})

function run(options: Partial<Parameters<typeof runIngest>[0]> = {}): IngestFixture {
  const fixture = runIngest({ databaseUrl: db.url, telegramUrl: telegram.url, ...options })
  running.push(fixture)
  return fixture
}

async function spawnChild(): Promise<Child> {
  const args = [db.url, telegram.url]
  const child: Child = {
    process: await spawnScript('testing/ingest/crash-child.ts', args, ['ignore', 'pipe', 'inherit']),
    leadsSince: null,
  }
  child.process.stdout?.on('data', () => {
    child.leadsSince = performance.now()
  })
  children.push(child)
  return child
}

async function kill(child: Child): Promise<void> {
  children = children.filter((other) => other !== child)
  if (child.process.exitCode !== null || child.process.signalCode !== null) return
  child.process.kill('SIGKILL')
  await once(child.process, 'exit')
}

const measure = () => measureInbox(db.pool, { botId: BOT_ID })
const nothingOpen = () => until(async () => (await measure()).open === 0, 'an empty inbox')
const say = (userId: number, text: string) => telegram.world.sendText({ userId, text })
const newUser = () => telegram.world.createUser({}).id

async function countEffects(): Promise<number> {
  const { rows } = await db.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM effects')
  return rows[0]?.n ?? 0
}

test('of two processes one polls, and the other takes over when it stops', async () => {
  const [first, second] = [run(), run()]
  await until(() => first.ingest.status().polling || second.ingest.status().polling, 'a leader')
  const [leader, standby] = first.ingest.status().leader ? [first, second] : [second, first]
  const userId = newUser()
  say(userId, 'one')
  await until(() => leader.handled.length === 1, 'the first message')
  expect(standby.ingest.status()).toMatchObject({ leader: false, polling: false })
  const before = performance.now()
  await leader.ingest.stop()
  await until(() => standby.ingest.status().polling, 'the other to take over')
  expect(performance.now() - before).toBeLessThan(2_000)
  say(userId, 'two')
  await until(() => standby.handled.length === 1, 'the second message')
  await nothingOpen()
  expect([textsOf(leader.handled), textsOf(standby.handled)]).toEqual([['one'], ['two']])
})

test('a standby takes over within a second when the leader is killed, with what the leader left', async () => {
  const gate = createGate()
  const leader = await spawnChild()
  await until(() => leader.leadsSince !== null, 'the leader', 15_000)
  const standby = run({ handler: () => gate.passed, limits: { sweepMs: 3_600_000 } })
  const userId = newUser()
  // The leader can store updates and cannot handle them.
  await db.pool.query('ALTER TABLE effects RENAME TO effects_away')
  for (let index = 0; index < 5; index += 1) say(userId, `m${index}`)
  await until(async () => (await measure()).open === 5, 'the messages to be stored')
  await until(() => telegram.world.updateQueue().pending === 0, 'Telegram to forget them')
  const before = performance.now()
  await kill(leader)
  await until(() => standby.ingest.status().polling, 'the other to take over')
  expect(performance.now() - before).toBeLessThan(1_000)
  gate.open()
  await until(() => standby.handled.length === 5, 'the messages')
  await nothingOpen()
  expect(textsOf(standby.handled)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4'])
})

test('a leader that loses its connection stops at once, hands out nothing more, and begins nothing twice', async () => {
  const gate = createGate()
  const started: string[] = []
  const { ingest, handled } = run({
    handler: async (updates) => {
      started.push(updates[0]?.message?.text ?? '')
      await gate.passed
    },
  })
  const userId = newUser()
  say(userId, 'running')
  say(userId, 'waiting')
  await until(() => ingest.status().buffered === 2, 'both messages')
  await db.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'paydesk leader'`,
  )
  await until(() => !ingest.status().leader, 'leadership to be lost')
  expect(ingest.status().buffered).toBe(1)
  await until(() => ingest.status().leader && ingest.status().buffered === 2, 'leadership to come back')
  expect(started).toEqual(['running'])
  gate.open()
  await until(() => handled.length === 2, 'both messages')
  await nothingOpen()
  expect(started).toEqual(['running', 'waiting'])
})

test('a conflict makes a leader whose connection died silently step down', async () => {
  const proxy = await startProxy(db.url)
  const { ingest } = run({
    leaderUrl: proxy.url,
    limits: { conflictRetryMs: 50, heartbeatMs: 3_600_000, heartbeatTimeoutMs: 300 },
  })
  await until(() => telegram.world.updateQueue().pollerWaiting, 'polling')
  proxy.freeze()
  telegram.world.addFault({ kind: '409', method: 'getUpdates', times: 1 })
  say(newUser(), 'hello')
  await until(() => !ingest.status().leader, 'leadership to be given up')
  proxy.mend()
  await until(() => ingest.status().leader, 'leadership to come back')
  await proxy.close()
})

test('whenever the process is killed, every message takes effect exactly once', async () => {
  const kills = 10
  const messages = 6_000
  for (let count = 0; count < 3; count += 1) await spawnChild()
  await until(() => children.some((child) => child.leadsSince !== null), 'a leader', 15_000)
  telegram.world.flood({ messages, users: 300, ratePerSecond: 700 })
  for (let round = 0; round < kills; round += 1) {
    const alive = () => children.filter((child) => child.leadsSince !== null)
    await until(() => alive().length > 0, 'a leader', 15_000)
    const before = await countEffects()
    await until(async () => (await countEffects()) > before || before === messages, 'some work', 15_000)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 150))
    for (const leader of alive()) await kill(leader)
    await spawnChild()
  }
  await until(async () => (await countEffects()) === messages, 'all messages', 30_000)
  await nothingOpen()
  expect(telegram.world.floodReport().created).toBe(messages)
  const { rows } = await db.pool.query('SELECT * FROM child_alerts')
  expect(rows).toEqual([])
}, 120_000)
