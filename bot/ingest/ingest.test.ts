import type { Update } from 'grammy/types'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { finishUpdates } from '#core/inbox/finish-updates.ts'
import { measureInbox } from '#core/inbox/measure-inbox.ts'
import { storeUpdates } from '#core/inbox/store-updates.ts'
import { startTelegram, type TelegramStandIn } from '#sandbox/telegram/server.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { BOT_ID, createGate, type IngestFixture, runIngest, TOKEN, textsOf, until } from '#testing/ingest/run-ingest.ts'

let db: TestDatabase
let telegram: TelegramStandIn
let running: IngestFixture[]
const holds = new Set<() => Promise<void>>()
const polls = () => telegram.world.calls({ method: 'getUpdates' }).length

beforeEach(async () => {
  db = await createTestDatabase()
  telegram = await startTelegram({ token: TOKEN, limits: 'off' })
  running = []
})
afterEach(async () => {
  for (const letPass of holds) await letPass()
  for (const fixture of running) await fixture.stop()
  await telegram.close()
  await db.close()
})

function run(options: Partial<Parameters<typeof runIngest>[0]> = {}): IngestFixture {
  const fixture = runIngest({ databaseUrl: db.url, telegramUrl: telegram.url, ...options })
  running.push(fixture)
  return fixture
}

const nothingOpen = () =>
  until(async () => (await measureInbox(db.pool, { botId: BOT_ID })).open === 0, 'an empty inbox')
const say = (userId: number, text: string) => telegram.world.sendText({ userId, text })
const newUser = () => telegram.world.createUser({}).id
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const chatOf = (updates: Update[]) => updates[0]?.message?.chat.id

test('under load every message is handled once, and each chat in its order', async () => {
  let running = 0
  const busy = new Set<number | undefined>()
  const { handled, ingest } = run({
    handler: async (updates) => {
      const chatId = chatOf(updates)
      expect(busy.has(chatId)).toBe(false)
      busy.add(chatId)
      running += 1
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 3))
      running -= 1
      busy.delete(chatId)
    },
  })
  telegram.world.flood({ messages: 5_000, users: 200 })
  await until(() => handled.length >= 5_000, 'all messages', 18_000)
  await nothingOpen()
  expect(running).toBe(0)
  const ids = handled.map(([update]) => update?.update_id ?? 0)
  expect(new Set(ids).size).toBe(5_000)
  const lastIn = new Map<number | undefined, number>()
  for (const updates of handled) {
    const chatId = chatOf(updates)
    const updateId = updates[0]?.update_id ?? 0
    expect(updateId).toBeGreaterThan(lastIn.get(chatId) ?? 0)
    lastIn.set(chatId, updateId)
  }
  expect(ingest.status()).toMatchObject({ leader: true, polling: true, buffered: 0, lanes: 0, problem: null })
})

test('an update that Telegram delivers again is not handled again', async () => {
  const { handled } = run()
  const userId = newUser()
  say(userId, 'once')
  await until(() => handled.length === 1, 'the message')
  await nothingOpen()
  telegram.world.duplicateUpdate()
  say(userId, 'after')
  await until(() => handled.length > 1, 'the next message')
  expect(textsOf(handled)).toEqual(['once', 'after'])
})

test('an update that arrives again while it is being handled is not handled twice at once', async () => {
  const gate = createGate()
  const { handled } = run({ handler: () => gate.passed })
  const [userId, otherId] = [newUser(), newUser()]
  say(userId, 'slow')
  await until(async () => (await measureInbox(db.pool, { botId: BOT_ID })).open === 1, 'the message to be stored')
  await until(() => telegram.world.updateQueue().pending === 0, 'the message to be confirmed')
  telegram.world.duplicateUpdate()
  say(otherId, 'other')
  await until(async () => (await measureInbox(db.pool, { botId: BOT_ID })).open === 2, 'the other to be stored')
  gate.open()
  await nothingOpen()
  expect(textsOf(handled).sort()).toEqual(['other', 'slow'])
})

test('an update that is open in the inbox but that nobody holds is handled when it arrives again', async () => {
  const { handled, ingest } = run({ limits: { sweepMs: 3_600_000 } })
  await until(() => ingest.status().lastPollAt !== null || ingest.status().polling, 'polling')
  const userId = newUser()
  telegram.world.holdUpdates()
  const message = say(userId, 'stored by another')
  const updateId = telegram.world.updateQueue().nextUpdateId - 1
  const payload = JSON.stringify({ update_id: updateId, message })
  await storeUpdates(db.pool, { botId: BOT_ID, updates: [{ updateId, lane: String(userId), payload }] })
  telegram.world.releaseUpdates()
  await until(() => handled.length === 1, 'the message')
  await nothingOpen()
  expect(textsOf(handled)).toEqual(['stored by another'])
})

test('what came into the inbox by another way is found on waking', async () => {
  const { handled, ingest } = run({ limits: { sweepMs: 3_600_000 } })
  await until(() => ingest.status().polling, 'polling')
  await storeUpdates(db.pool, { botId: BOT_ID, updates: [{ updateId: 5, lane: '1', payload: '{"update_id":5}' }] })
  ingest.wake()
  await until(() => handled.length === 1, 'the update')
  await nothingOpen()
})

test('what came into the inbox by another way is found in time without waking', async () => {
  const { handled, ingest } = run({ limits: { sweepMs: 50 } })
  await until(() => ingest.status().polling, 'polling')
  await storeUpdates(db.pool, { botId: BOT_ID, updates: [{ updateId: 5, lane: '1', payload: '{"update_id":5}' }] })
  await until(() => handled.length === 1, 'the update')
})

test('at the start everything that is open in the inbox comes before anything new', async () => {
  const userId = newUser()
  const others = range(1, 900).map((updateId) => ({
    updateId,
    lane: `other ${updateId}`,
    payload: `{"update_id":${updateId}}`,
  }))
  const payload = JSON.stringify({
    update_id: 901,
    message: { text: 'old', chat: { id: userId }, from: { id: userId } },
  })
  await storeUpdates(db.pool, { botId: BOT_ID, updates: [...others, { updateId: 901, lane: String(userId), payload }] })
  say(userId, 'new')
  expect(telegram.world.updateQueue().nextUpdateId).toBeGreaterThan(901)
  const { handled } = run({ limits: { maxBuffered: 50, sweepMs: 3_600_000 } })
  await until(() => handled.length === 902, 'everything')
  expect(textsOf(handled, userId)).toEqual(['old', 'new'])
})

test('an update that failed before a start keeps its place, its time and the count of its attempts', async () => {
  const stored = (updateId: number, lane: string) => ({ updateId, lane, payload: `{"update_id":${updateId}}` })
  const updates = [stored(1, 'later'), stored(2, 'later'), stored(3, 'poison'), stored(4, 'other')]
  await storeUpdates(db.pool, { botId: BOT_ID, updates })
  await db.pool.query(
    `UPDATE inbox SET attempts = 3, next_attempt_at = CASE WHEN update_id = 1 THEN now() + interval '1 hour' END
     WHERE update_id IN (1, 3)`,
  )
  const begun: (number | undefined)[] = []
  run({
    limits: { maxAttempts: 4 },
    handler: async ([update]) => {
      begun.push(update?.update_id)
      if (update?.update_id === 3) throw new Error('as before')
    },
  })
  await until(async () => (await measureInbox(db.pool, { botId: BOT_ID })).dead === 1, 'the poison to be given up')
  await until(async () => (await measureInbox(db.pool, { botId: BOT_ID })).open === 2, 'the other')
  expect(new Set(begun)).toEqual(new Set([3, 4]))
})

test('handled updates are kept for a while and then deleted', async () => {
  const updates = range(1, 3).map((updateId) => ({ updateId, lane: '1', payload: `{"update_id":${updateId}}` }))
  await storeUpdates(db.pool, { botId: BOT_ID, updates })
  await db.pool.query(
    `UPDATE inbox SET done_at = CASE update_id WHEN 1 THEN now() - interval '3 days' WHEN 2 THEN now() END,
       dead_at = CASE update_id WHEN 3 THEN now() - interval '3 days' END`,
  )
  run()
  const kept = async () => (await db.pool.query<{ id: string }>('SELECT update_id AS id FROM inbox')).rows
  await until(async () => (await kept()).length < 3, 'the old one to go')
  expect((await kept()).map(({ id }) => id)).toEqual(['2', '3'])
})

/** Marks wait until what is returned is called. */
async function holdMarks(): Promise<() => Promise<void>> {
  const blocker = await db.pool.connect()
  await db.pool.query(
    `CREATE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS
       'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END';
     CREATE TRIGGER wait_for_test BEFORE UPDATE ON inbox FOR EACH ROW EXECUTE FUNCTION wait_for_test()`,
  )
  await blocker.query('SELECT pg_advisory_lock(1)')
  const letPass = async () => {
    if (!holds.delete(letPass)) return
    await blocker.query('SELECT pg_advisory_unlock(1)')
    blocker.release()
  }
  holds.add(letPass)
  return letPass
}

test('stopping waits until what was handled is marked', async () => {
  const { handled, ingest } = run()
  const letMarksPass = await holdMarks()
  say(newUser(), 'once')
  await until(() => handled.length === 1, 'the message')
  let isStopped = false
  const stopped = ingest.stop().then(() => {
    isStopped = true
  })
  await expect(until(() => isStopped, 'the end', 100)).rejects.toThrow('In vain')
  await letMarksPass()
  await stopped
  expect(await measureInbox(db.pool, { botId: BOT_ID })).toMatchObject({ open: 0 })
})

test('stopping does not wait for ever for marks, and what has none is handled again', async () => {
  const { handled, ingest } = run({ limits: { marksMs: 50 } })
  const letMarksPass = await holdMarks()
  say(newUser(), 'marked late')
  await until(() => handled.length === 1, 'the message')
  say(newUser(), 'not marked')
  await until(() => handled.length === 2, 'the next message')
  await ingest.stop()
  await letMarksPass()
  const next = run()
  await nothingOpen()
  expect(textsOf(next.handled)).toContain('not marked')
})

test('a handled update whose mark is not in the inbox yet is not found open there', async () => {
  const { handled, ingest } = run()
  const letMarksPass = await holdMarks()
  say(newUser(), 'once')
  await until(() => handled.length === 1, 'the message')
  for (let round = 0; round < 5; round += 1) {
    ingest.wake()
    await expect(until(() => handled.length > 1, 'a repetition', 60)).rejects.toThrow('In vain')
  }
  expect(await measureInbox(db.pool, { botId: BOT_ID })).toMatchObject({ open: 1 })
  await letMarksPass()
  await nothingOpen()
  expect(handled).toHaveLength(1)
})

test('a start with a full inbox fetches nothing before there is room', async () => {
  const gate = createGate()
  const userId = newUser()
  const updates = range(1, 5).map((updateId) => ({ updateId, lane: '1', payload: `{"update_id":${updateId}}` }))
  await storeUpdates(db.pool, { botId: BOT_ID, updates })
  say(userId, 'new')
  const { handled, ingest } = run({ limits: { maxOpen: 5 }, handler: () => gate.passed })
  await until(() => ingest.status().polling, 'the poller')
  await expect(until(() => polls() > 0, 'a poll', 60)).rejects.toThrow('In vain')
  gate.open()
  await until(() => handled.length === 6, 'everything')
  expect(textsOf(handled, userId)).toEqual(['new'])
})

test('when too many wait in the inbox Telegram has to keep the rest', async () => {
  const gate = createGate()
  const userId = newUser()
  const { handled } = run({ limits: { maxLaneBuffered: 5, maxOpen: 150 }, handler: () => gate.passed })
  for (const index of range(1, 600)) say(userId, `n${index}`)
  const open = async () => (await measureInbox(db.pool, { botId: BOT_ID })).open
  await until(async () => (await open()) >= 150, 'a full inbox')
  await expect(until(async () => (await open()) > 300, 'more', 700)).rejects.toThrow('In vain')
  expect(telegram.world.updateQueue().pending).toBeGreaterThan(250)
  gate.open()
  await until(() => handled.length === 600, 'everything', 15_000)
  expect(textsOf(handled)).toEqual(range(1, 600).map((index) => `n${index}`))
})

test('one noisy user delays nobody else, though thousands of messages of theirs wait', async () => {
  const noisy = newUser()
  const { handled } = run({
    limits: { maxBuffered: 200 },
    handler: (updates) => new Promise((resolve) => setTimeout(resolve, chatOf(updates) === noisy ? 4 : 0)),
  })
  for (const index of range(1, 600)) say(noisy, `n${index}`)
  const waits: number[] = []
  for (const index of range(1, 20)) {
    const before = performance.now()
    const userId = newUser()
    say(userId, `quiet ${index}`)
    await until(() => handled.some((updates) => chatOf(updates) === userId), 'the quiet user')
    waits.push(performance.now() - before)
  }
  expect(handled.length).toBeLessThan(600)
  // The first may find the noisy batches still on the way from Telegram.
  expect(Math.max(...waits)).toBeLessThan(2_000)
  await until(() => handled.length === 620, 'the noisy user', 18_000)
  expect(textsOf(handled, noisy)).toEqual(range(1, 600).map((index) => `n${index}`))
})

test('many noisy users delay nobody else, though each has more waiting than fits', async () => {
  const noisy = range(1, 30).map(newUser)
  const answerSlowly = () => new Promise<void>((resolve) => setTimeout(resolve, 100))
  const { handled } = run({
    limits: { maxBuffered: 200, maxLaneBuffered: 10 },
    handler: async (updates) => (noisy.includes(chatOf(updates) ?? 0) ? answerSlowly() : undefined),
  })
  for (const index of range(1, 60)) for (const userId of noisy) say(userId, `n${index}`)
  await until(() => handled.length >= 300, 'a share of every noisy user')
  const waits: number[] = []
  for (const index of range(1, 10)) {
    const before = performance.now()
    const userId = newUser()
    say(userId, `quiet ${index}`)
    await until(() => handled.some((updates) => chatOf(updates) === userId), 'the quiet user')
    waits.push(performance.now() - before)
  }
  expect(handled.length).toBeLessThan(1_700)
  expect(Math.max(...waits)).toBeLessThan(2_000)
  await until(() => handled.length === 1_810, 'everybody', 30_000)
  for (const userId of noisy) expect(textsOf(handled, userId)).toEqual(range(1, 60).map((index) => `n${index}`))
})

test('a full buffer stops the polling until there is room again', async () => {
  const gate = createGate()
  const { handled, ingest } = run({ limits: { maxBuffered: 50 }, handler: () => gate.passed })
  telegram.world.flood({ messages: 1_000, users: 500 })
  await until(() => ingest.status().buffered >= 26, 'a full buffer')
  const before = polls()
  await expect(until(() => polls() > before, 'another poll', 300)).rejects.toThrow('In vain')
  expect(ingest.status().buffered).toBeLessThanOrEqual(50)
  gate.open()
  await until(() => handled.length === 1_000, 'everything')
})

test('the parts of an album are handled together, though they come one by one', async () => {
  const { handled } = run({ limits: { albumQuietMs: 1_500 } })
  const [userId, otherId] = [newUser(), newUser()]
  const items = range(1, 4).map(() => ({ kind: 'photo' as const }))
  await Promise.all([
    telegram.world.sendAlbum({ userId, items, gapMs: 40 }),
    telegram.world.sendAlbum({ userId: otherId, items: items.slice(0, 2), gapMs: 40 }),
  ])
  say(userId, 'after')
  await until(() => handled.length === 3, 'both albums and the message')
  expect(handled.map((updates) => updates.length).sort((a, b) => a - b)).toEqual([1, 2, 4])
  const own = handled.filter((updates) => chatOf(updates) === userId)
  expect(own.map((updates) => updates.length)).toEqual([4, 1])
  await nothingOpen()
})

test('what is urgent is taken charge of before anything waits, and needs no place in the inbox', async () => {
  const gate = createGate()
  const userId = newUser()
  const urgent: string[] = []
  const { handled } = run({
    handler: () => gate.passed,
    takeUrgent: ({ pre_checkout_query: query }) => {
      if (query) urgent.push(query.id)
      return query !== undefined
    },
  })
  const query = { id: 'q', from: { id: userId, is_bot: false, first_name: 'A' }, currency: 'XTR', total_amount: 1 }
  for (let n = 0; n < 300; n++) say(newUser(), 'stuck')
  telegram.world.pushRawUpdate({ update: { pre_checkout_query: { ...query, invoice_payload: 'x' } } })
  await until(() => urgent.length === 1, 'the question')
  expect(handled).toEqual([])
  gate.open()
  await until(() => handled.length === 300, 'the messages')
  await nothingOpen()
  expect(urgent).toEqual(['q'])
})

test('a handler that never ends costs its update, is told so, and its lane goes on', async () => {
  const userId = newUser()
  let aborted = 0
  const { handled, alerts } = run({
    limits: { handlerTimeoutMs: 80 },
    handler: (updates, signal) => {
      if (updates[0]?.message?.text !== 'hang') return Promise.resolve()
      signal.addEventListener('abort', () => {
        aborted += 1
      })
      return new Promise(() => {})
    },
  })
  say(userId, 'before')
  say(userId, 'hang')
  say(userId, 'after')
  const otherId = newUser()
  say(otherId, 'other')
  await until(() => handled.length === 3, 'the others')
  expect(textsOf(handled, userId)).toEqual(['before', 'after'])
  expect(aborted).toBe(2)
  expect(alerts).toMatchObject([{ key: 'inbox.dead-letter', severity: 'urgent' }])
  await nothingOpen()
  expect(await measureInbox(db.pool, { botId: BOT_ID })).toMatchObject({ dead: 1 })
})

test('a handler that ends after its deadline spares its update the next attempt', async () => {
  let calls = 0
  const gate = createGate()
  const { handled } = run({
    limits: { handlerTimeoutMs: 40, retryFirstMs: 400, retryMaxMs: 400 },
    handler: async () => {
      calls += 1
      await gate.passed
    },
  })
  say(newUser(), 'slow')
  await until(async () => (await attemptsOf()) === 1, 'the failed attempt')
  gate.open()
  await nothingOpen()
  expect([calls, handled.length]).toEqual([1, 1])
})

async function attemptsOf(): Promise<number> {
  const { rows } = await db.pool.query<{ attempts: number }>('SELECT attempts FROM inbox')
  return rows[0]?.attempts ?? 0
}

test('a failing update is tried again in its place and given up in the end, and others do not notice', async () => {
  const [userId, otherId] = [newUser(), newUser()]
  let attempts = 0
  let flaky = 2
  const { handled, alerts, log } = run({
    limits: { maxAttempts: 4 },
    handler: async (updates) => {
      const text = updates[0]?.message?.text
      if (text === 'flaky' && flaky-- > 0) throw new Error('not now')
      if (text !== 'poison') return
      attempts += 1
      throw new Error('always')
    },
  })
  for (const text of ['one', 'flaky', 'two', 'poison', 'three']) say(userId, text)
  for (const index of range(1, 10)) say(otherId, `o${index}`)
  await until(() => handled.length === 14, 'all but the poison')
  expect(textsOf(handled, userId)).toEqual(['one', 'flaky', 'two', 'three'])
  expect(textsOf(handled, otherId)).toEqual(range(1, 10).map((index) => `o${index}`))
  expect(attempts).toBe(4)
  expect(alerts).toHaveLength(1)
  const waits = log.flatMap((line) => /next attempt in (\d+) ms: Error: always/.exec(line)?.[1] ?? [])
  expect(waits).toEqual(['20', '40', '80'])
  await nothingOpen()
  const { rows } = await db.pool.query('SELECT attempts, error FROM inbox WHERE dead_at IS NOT NULL')
  expect(rows).toEqual([{ attempts: 4, error: 'Error: always' }])
})

test('a handler that fails after it finished its update by itself is not asked again', async () => {
  const userId = newUser()
  const seen: (string | undefined)[] = []
  const { alerts } = run({
    handler: async ([update]) => {
      seen.push(update?.message?.text)
      if (update?.message?.text !== 'accepted') return
      await finishUpdates(db.pool, { botId: BOT_ID, updateIds: [update.update_id] })
      throw new Error('the answer of the database was lost')
    },
  })
  say(userId, 'accepted')
  say(userId, 'next')
  await until(() => seen.includes('next'), 'the next message')
  await nothingOpen()
  expect(seen).toEqual(['accepted', 'next'])
  expect(alerts).toEqual([])
})

test('of an update that is given up its sender is told, and neither that nor the alert may hold up the lane', async () => {
  const userId = newUser()
  const told: (string | undefined)[] = []
  const { handled, alerts } = run({
    limits: { maxAttempts: 1 },
    handler: async ([update]) => {
      if (update?.message?.text === 'poison') throw new Error('always')
    },
    onGivenUp: async ([update]) => {
      told.push(update?.message?.text)
      throw new Error('nobody can be told')
    },
    onAlert: async () => {
      throw new Error('no alert can be raised')
    },
  })
  say(userId, 'poison')
  say(userId, 'after')
  await until(() => handled.length === 1, 'the next message')
  expect([textsOf(handled), told, alerts.length]).toEqual([['after'], ['poison'], 1])
})

test('a handler that throws at once fails like any other', async () => {
  let calls = 0
  const { handled } = run({
    handler: () => {
      calls += 1
      if (calls === 1) throw new Error('synchronous')
      return Promise.resolve()
    },
  })
  say(newUser(), 'hello')
  await until(() => handled.length === 1, 'the message')
})

test('malformed updates are put aside once, and those around them are handled', async () => {
  const { handled, alerts, log } = run()
  const pushRawUpdate: typeof telegram.world.pushRawUpdate = (p) => telegram.world.pushRawUpdate(p)
  const userId = newUser()
  telegram.world.holdUpdates()
  for (const update of [null, 'text', 7, [], { message: 'no id' }, { update_id: 'x' }])
    pushRawUpdate({ update, keep: true })
  say(userId, 'a\u0000b')
  pushRawUpdate({ update: { message: 'not an object' } })
  pushRawUpdate({ update: { novelty: { from: { id: userId } } } })
  pushRawUpdate({ update: { message: { chat: { id: 'five' }, text: '\ud800' } } })
  say(userId, 'end')
  telegram.world.releaseUpdates()
  await until(() => handled.length === 5, 'what can be handled')
  await nothingOpen()
  expect(textsOf(handled, userId)).toEqual(['a\u0000b', 'end'])
  expect(await measureInbox(db.pool, { botId: BOT_ID })).toMatchObject({ dead: 6 })
  expect(alerts.map((alert) => alert.key)).toEqual(Array.from({ length: 6 }, () => 'inbox.malformed'))
  expect(log.filter((line) => line.includes('malformed'))).toHaveLength(6)
})

test('an update without id, which Telegram cannot be made to forget, is not asked for again and again', async () => {
  telegram.world.pushRawUpdate({ update: { message: 'no id' }, keep: true })
  const { alerts } = run({ limits: { pollRetryFirstMs: 3_600_000, pollRetryMaxMs: 3_600_000 } })
  await until(() => alerts.length === 1, 'the alert')
  await expect(until(() => polls() > 1, 'another poll', 60)).rejects.toThrow('In vain')
})

test('an update that the database refuses is put aside, and its batch is handled', async () => {
  const name = new URL(db.url).pathname.slice(1)
  await db.pool.query(`ALTER DATABASE ${name} SET max_stack_depth = '100kB'`)
  const { handled, alerts } = run()
  const userId = newUser()
  const deep = JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`)
  telegram.world.holdUpdates()
  say(userId, 'before')
  telegram.world.pushRawUpdate({ update: { message: { chat: { id: userId }, text: 'deep', deep } } })
  say(userId, 'after')
  telegram.world.releaseUpdates()
  await until(() => textsOf(handled).includes('after'), 'the batch')
  await nothingOpen()
  expect(textsOf(handled)).toEqual(['before', 'after'])
  expect(alerts.map((alert) => alert.key)).toEqual(['inbox.malformed'])
  const { dead } = await measureInbox(db.pool, { botId: BOT_ID })
  expect(dead).toBe(1)
})

test('stopping lets handlers end and leaves the rest for the next start, which repeats nothing', async () => {
  const gate = createGate()
  const [userId, otherId] = [newUser(), newUser()]
  const first = runIngest({
    databaseUrl: db.url,
    telegramUrl: telegram.url,
    limits: { albumQuietMs: 60_000, albumMaxMs: 60_000 },
    handler: () => gate.passed,
  })
  say(userId, 'one')
  say(userId, 'two')
  await telegram.world.sendAlbum({ userId: otherId, items: [{ kind: 'photo' }, { kind: 'photo' }] })
  await until(() => first.ingest.status().buffered === 4, 'everything to be taken in')
  const stopped = first.stop()
  say(userId, 'three')
  gate.open()
  await stopped
  expect(textsOf(first.handled)).toEqual(['one', 'two'])
  expect(first.ingest.status()).toMatchObject({ leader: false, polling: false, buffered: 0 })
  const second = run()
  await until(() => second.handled.length === 2, 'the rest')
  await nothingOpen()
  expect(second.handled.map((updates) => updates.length).sort((a, b) => a - b)).toEqual([1, 2])
  expect(textsOf(second.handled, userId)).toEqual(['three'])
})

test('stopping does not wait for a handler that never ends', async () => {
  const { stop, ingest } = runIngest({
    databaseUrl: db.url,
    telegramUrl: telegram.url,
    limits: { drainMs: 100 },
    handler: () => new Promise(() => {}),
  })
  say(newUser(), 'hang')
  await until(() => ingest.status().buffered === 1, 'the message')
  const before = performance.now()
  await stop()
  expect(performance.now() - before).toBeLessThan(3_000)
  expect(await measureInbox(db.pool, { botId: BOT_ID })).toMatchObject({ open: 1, dead: 0 })
})
