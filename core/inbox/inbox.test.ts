import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { finishUpdates } from '#core/inbox/finish-updates.ts'
import { findOpenUpdates, listOpenUpdates } from '#core/inbox/list-open-updates.ts'
import { measureInbox } from '#core/inbox/measure-inbox.ts'
import { pruneInbox } from '#core/inbox/prune-inbox.ts'
import { recordFailure } from '#core/inbox/record-failure.ts'
import { storeDeadLetter } from '#core/inbox/store-dead-letter.ts'
import { storeUpdates } from '#core/inbox/store-updates.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

const botId = 77
let db: TestDatabase

beforeAll(async () => {
  db = await createTestDatabase()
})
beforeEach(async () => {
  await db.pool.query('TRUNCATE inbox')
})
afterAll(() => db.close())

function updates(...updateIds: number[]) {
  return updateIds.map((updateId) => ({ updateId, lane: '5', payload: JSON.stringify({ update_id: updateId }) }))
}

async function openIds(): Promise<number[]> {
  const rows = await listOpenUpdates(db.pool, { botId, afterUpdateId: 0, limit: 1_000 })
  return rows.map((row) => row.updateId)
}

function age(updateId: number, hours: number) {
  return db.pool.query(
    `UPDATE inbox SET received_at = received_at - make_interval(hours => $2), done_at = done_at - make_interval(hours => $2),
       dead_at = dead_at - make_interval(hours => $2) WHERE update_id = $1`,
    [updateId, hours],
  )
}

test('an update that arrives again is not new, whether it waits or is done', async () => {
  expect(await storeUpdates(db.pool, { botId, updates: updates(1, 2) })).toEqual(new Set([1, 2]))
  await finishUpdates(db.pool, { botId, updateIds: [1] })
  expect(await storeUpdates(db.pool, { botId, updates: updates(1, 2, 3) })).toEqual(new Set([3]))
  expect(await openIds()).toEqual([2, 3])
})

test('two processes that store the same batch at once share the new updates out between them', async () => {
  const ids = Array.from({ length: 100 }, (_, index) => index + 1)
  const results = await Promise.all(
    Array.from({ length: 8 }, () => storeUpdates(db.pool, { botId, updates: updates(...ids) })),
  )
  const news = results.flatMap((result) => [...result])
  expect(news.sort((a, b) => a - b)).toEqual(ids)
})

test('the same id twice in one batch is one update, the first', async () => {
  const [first, second] = [
    { updateId: 9, lane: 'a', payload: '{"n":1}' },
    { updateId: 9, lane: 'b', payload: '{"n":2}' },
  ]
  expect(await storeUpdates(db.pool, { botId, updates: [first, second] })).toEqual(new Set([9]))
  expect(await findOpenUpdates(db.pool, { botId, updateIds: [9] })).toMatchObject([{ lane: 'a', payload: { n: 1 } }])
})

test('bots do not see each other', async () => {
  await storeUpdates(db.pool, { botId, updates: updates(1) })
  expect(await storeUpdates(db.pool, { botId: 78, updates: updates(1) })).toEqual(new Set([1]))
  expect(await openIds()).toEqual([1])
  const failure = { botId: 78, updateIds: [1], attempts: 1, error: 'no answer', retryInMs: 60_000 }
  expect(await recordFailure(db.pool, failure)).toEqual([1])
  await finishUpdates(db.pool, { botId: 78, updateIds: [1] })
  expect(await findOpenUpdates(db.pool, { botId, updateIds: [1] })).toMatchObject([{ attempts: 0, waitMs: 0 }])
})

test('what PostgreSQL cannot hold as text comes back as it was sent', async () => {
  const text = 'a\u0000b \ud800 𝟙 "quoted" \\ מזל'
  const payload = JSON.stringify({ update_id: 4, message: { text } })
  await storeUpdates(db.pool, { botId, updates: [{ updateId: 4, lane: '5', payload }] })
  expect(await findOpenUpdates(db.pool, { botId, updateIds: [4] })).toMatchObject([{ payload: { message: { text } } }])
})

test('an id that Telegram draws again after a quiet week is a new update', async () => {
  await storeUpdates(db.pool, { botId, updates: updates(1, 2, 3, 4) })
  await finishUpdates(db.pool, { botId, updateIds: [1, 2] })
  await recordFailure(db.pool, { botId, updateIds: [3], attempts: 8, error: 'no', retryInMs: null })
  await Promise.all([1, 3, 4].map((updateId) => age(updateId, 49)))
  const again = updates(1, 2, 3, 4).map((update) => ({ ...update, lane: 'new' }))
  expect(await storeUpdates(db.pool, { botId, updates: again })).toEqual(new Set([1, 3]))
  expect(await listOpenUpdates(db.pool, { botId, afterUpdateId: 0, limit: 9 })).toMatchObject([
    { updateId: 1, lane: 'new', attempts: 0 },
    { updateId: 3, lane: 'new', attempts: 0, waitMs: 0 },
    { updateId: 4, lane: '5' },
  ])
})

test('open updates come in pages, in the order of their ids, of one lane or of all but some', async () => {
  const batch = [...updates(10, 12), ...updates(11).map((update) => ({ ...update, lane: '6' }))]
  await storeUpdates(db.pool, { botId, updates: batch })
  const page = { botId, afterUpdateId: 10, limit: 1 }
  expect(await listOpenUpdates(db.pool, page)).toMatchObject([{ updateId: 11 }])
  expect(await listOpenUpdates(db.pool, { ...page, lane: '5' })).toMatchObject([{ updateId: 12 }])
  expect(await listOpenUpdates(db.pool, { ...page, exceptLanes: ['6'] })).toMatchObject([{ updateId: 12 }])
})

test('a failure is counted and says when the next attempt is due', async () => {
  await storeUpdates(db.pool, { botId, updates: updates(1) })
  const failure = { botId, updateIds: [1], attempts: 2, error: 'boom\u0000 '.repeat(500), retryInMs: 60_000 }
  expect(await recordFailure(db.pool, failure)).toEqual([1])
  const [row] = await findOpenUpdates(db.pool, { botId, updateIds: [1] })
  expect(row?.attempts).toBe(2)
  expect(row?.waitMs).toBeGreaterThan(55_000)
})

test('an update that was done after all does not fail any more', async () => {
  await storeUpdates(db.pool, { botId, updates: updates(1) })
  await finishUpdates(db.pool, { botId, updateIds: [1] })
  const failure = { botId, updateIds: [1], attempts: 8, error: 'late', retryInMs: null }
  expect(await recordFailure(db.pool, failure)).toEqual([])
  expect(await measureInbox(db.pool, { botId })).toEqual({ open: 0, lagMs: 0, dead: 0 })
})

test('an update that was given up stays so for a person to look at, though it is finished after all', async () => {
  await storeUpdates(db.pool, { botId, updates: updates(1) })
  await recordFailure(db.pool, { botId, updateIds: [1], attempts: 8, error: 'no end', retryInMs: null })
  await finishUpdates(db.pool, { botId, updateIds: [1] })
  expect(await db.prisma.inboxUpdate.findMany()).toMatchObject([{ doneAt: null, deadAt: expect.any(Date) }])
})

test('a dead letter is news once and never open', async () => {
  const letter = { botId, updateId: -5, payload: '"\\u0000"', error: 'no update_id' }
  expect(await storeDeadLetter(db.pool, letter)).toBe(true)
  expect(await storeDeadLetter(db.pool, letter)).toBe(false)
  expect(await findOpenUpdates(db.pool, { botId, updateIds: [-5] })).toEqual([])
})

test('the measure tells how many wait, for how long, and how many were given up', async () => {
  await storeUpdates(db.pool, { botId, updates: updates(1, 2, 3) })
  await recordFailure(db.pool, { botId, updateIds: [3], attempts: 8, error: 'no', retryInMs: null })
  await age(1, 1)
  const measure = await measureInbox(db.pool, { botId })
  expect(measure).toMatchObject({ open: 2, dead: 1 })
  expect(measure.lagMs).toBeGreaterThanOrEqual(3_600_000)
})

test('pruning takes old handled rows only, a batch at a time', async () => {
  await storeUpdates(db.pool, { botId, updates: updates(1, 2, 3, 4, 5, 6) })
  await finishUpdates(db.pool, { botId, updateIds: [1, 2, 3, 4] })
  await recordFailure(db.pool, { botId, updateIds: [5], attempts: 8, error: 'no', retryInMs: null })
  await Promise.all([1, 2, 3, 5, 6].map((updateId) => age(updateId, 49)))
  expect(await pruneInbox(db.pool, { botId, limit: 2 })).toBe(2)
  expect(await pruneInbox(db.pool, { botId, limit: 2 })).toBe(1)
  const { rows } = await db.pool.query('SELECT update_id FROM inbox ORDER BY 1')
  expect(rows.map((row) => Number(row.update_id))).toEqual([4, 5, 6])
})
