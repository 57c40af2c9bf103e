import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  giveBackUnheardOf,
  nextDueMs,
  readLeaseClock,
  renewLeases,
  takeBackExpiredItems,
  takeOverItems,
} from '#core/outbox/leases.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { insertOutboxRows, type OutboxRow } from '#testing/outbox/rows.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
beforeEach(() => db.pool.query('TRUNCATE outbox RESTART IDENTITY'))
afterAll(() => db.close())

const owe = (...rows: OutboxRow[]) => {
  const mine = { state: 'sending', owner: 'me', lease: 15 } as const
  return insertOutboxRows(
    db.pool,
    rows.map((row) => ({ ...mine, ...row })),
  )
}

const states = async () =>
  (await db.prisma.outboxItem.findMany({ orderBy: { id: 'asc' } })).map(({ state, owner }) => [state, owner])

test('a worker prolongs what is still its own and learns what is not', async () => {
  await owe({}, { owner: 'another' }, { state: 'unknown', owner: null }, { lease: -1 })
  const ids = ['1', '2', '3', '4']
  expect(await renewLeases(db.pool, { owner: 'me', ids, leaseSeconds: 60 })).toEqual(new Set(['1', '4']))
  expect(await takeBackExpiredItems(db.pool)).toBe(0)
})

test('leases that ran out are taken back as perhaps sent, and others are not', async () => {
  await owe({ lease: -1 }, { owner: 'another', lease: -1 }, {}, { state: 'dead', lease: -1, owner: null })
  expect(await takeBackExpiredItems(db.pool)).toBe(2)
  expect(await states()).toEqual([
    ['unknown', null],
    ['unknown', null],
    ['sending', 'me'],
    ['dead', null],
  ])
})

test('a new leader takes what others held, as perhaps sent, but not its own nor what was leased since', async () => {
  await owe({ owner: 'gone' }, {}, { owner: 'newcomer', lease: 60 }, { state: 'pending', owner: null })
  const at = await readLeaseClock(db.pool)
  expect(await takeOverItems(db.pool, { owner: 'me', at, leaseSeconds: 16 })).toBe(1)
  expect(await states()).toEqual([
    ['unknown', null],
    ['sending', 'me'],
    ['sending', 'newcomer'],
    ['pending', null],
  ])
})

test('what a worker never heard of is given back, and nothing that it knows, of other lanes or of others', async () => {
  await owe({}, {}, { lane: 'chat:2' }, { owner: 'another' }, { state: 'unknown', owner: null })
  expect(await giveBackUnheardOf(db.pool, { owner: 'me', lanes: ['chat:1'], known: ['1'] })).toBe(1)
  expect(await states()).toEqual([
    ['sending', 'me'],
    ['pending', null],
    ['sending', 'me'],
    ['sending', 'another'],
    ['unknown', null],
  ])
})

test('what waits for its time is known by when it is due, whether or not it may have been sent', async () => {
  expect(await nextDueMs(db.pool)).toBeNull()
  await owe({ state: 'pending', owner: null, waits: -5 }, { state: 'dead', owner: null, waits: 1 })
  expect(await nextDueMs(db.pool)).toBeNull()
  await owe({ state: 'pending', owner: null, waits: 3_600 }, { state: 'unknown', owner: null, waits: 60 })
  expect(await nextDueMs(db.pool)).toBeCloseTo(60_000, -4)
})
