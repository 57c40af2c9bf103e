import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { claimItems } from '#core/outbox/claim-items.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { insertOutboxRows, type OutboxRow } from '#testing/outbox/rows.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
beforeEach(() => db.pool.query('TRUNCATE outbox RESTART IDENTITY'))
afterAll(() => db.close())

const owe = (...rows: OutboxRow[]) => insertOutboxRows(db.pool, rows)

async function claim({ owner = 'me', limit = 100 } = {}): Promise<number[]> {
  const { items } = await claimItems(db.pool, { owner, leaseSeconds: 15, priorities: [-100, 100], limit })
  return items.map(({ id }) => Number(id))
}

test('the rows of a lane are taken in their order, and none is passed over because it has to wait', async () => {
  await owe({}, { waits: 60 }, {}, { state: 'unknown' })
  expect(await claim()).toEqual([1, 2, 3, 4])
})

test('a lane whose first row has to wait is left alone', async () => {
  await owe({ waits: 60 }, {}, { lane: 'chat:2' })
  expect(await claim()).toEqual([3])
})

test('nothing is taken behind a row that somebody else is sending, and behind our own it is', async () => {
  await owe({ state: 'sending', owner: 'another' }, {}, { lane: 'chat:2', state: 'sending', owner: 'me' })
  await owe({ lane: 'chat:2' }, { lane: 'chat:3', state: 'dead' }, { lane: 'chat:3' })
  expect(await claim()).toEqual([4, 6])
})

test('the most urgent is taken first, then the oldest', async () => {
  await owe({ lane: 'a', priority: 2 }, { lane: 'b', priority: 1 }, { lane: 'c' }, { lane: 'd', priority: 1 })
  expect(await claim({ limit: 3 })).toEqual([3, 2, 4])
  expect(await claim({ limit: 3 })).toEqual([1])
})

test('two workers that ask at the same moment never get rows of the same lane', async () => {
  await owe(...Array.from({ length: 40 }, (_, index) => ({ lane: `chat:${index % 20}` })))
  const taken = await Promise.all(
    Array.from({ length: 8 }, (_, index) => claim({ owner: `worker ${index}`, limit: 5 })),
  )
  const lanesOf = (ids: number[]) => [...new Set(ids.map((id) => (id - 1) % 20))]
  const lanes = taken.flatMap(lanesOf)
  expect(lanes).toHaveLength(20)
  expect(new Set(lanes).size).toBe(20)
})
