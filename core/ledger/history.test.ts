import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HistoryCursor, type HistoryPage, listHistory } from '#core/ledger/list-history.ts'
import { sumHistory } from '#core/ledger/sum-history.ts'
import type { LedgerKind } from '#prisma'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

let lastUserId = 0n
let serial = 0
type Booked = [kind: LedgerKind, amount: number, at: string, passSeconds?: number]

/** A user whose ledger says this, oldest first. */
async function newUser(...booked: Booked[]): Promise<bigint> {
  lastUserId += 1n
  const userId = lastUserId
  await db.prisma.user.create({ data: { id: userId, firstName: 'Ann' } })
  let balanceAfter = 0
  const entries = booked.map(([kind, amount, at, passSeconds = 0], index) => {
    serial += 1
    balanceAfter += amount
    const facts = { userId, kind, ref: `x:${serial}`, amount, paidDelta: amount, passSeconds, balanceAfter }
    return { ...facts, version: index + 1, contra: 'x', actor: 'test', reason: kind, createdAt: new Date(at) }
  })
  await db.prisma.ledgerEntry.createMany({ data: entries })
  return userId
}

const list = (userId: bigint, limit: number, cursor: HistoryCursor | null = null) =>
  listHistory(db.prisma, { userId, limit, cursor })
const brief = ({ lines }: HistoryPage) =>
  lines.map(({ kind, count, amount, balanceAfter }) => [kind, count, amount, balanceAfter])

describe('the history', () => {
  test('says what came and went with the balance after it, newest first; messages of a day are one line', async () => {
    const userId = await newUser(
      ['purchase', 100, '2026-03-01T10:00Z'],
      ['spend', -1, '2026-03-01T11:00Z'],
      ['spend', -3, '2026-03-01T23:59Z'],
      ['spend', -5, '2026-03-02T00:01Z'],
      ['gift', 10, '2026-03-02T01:00Z'],
      ['spend', -1, '2026-03-02T02:00Z'],
    )
    expect(brief(await list(userId, 10))).toEqual([
      ['spend', 1, -1, 100],
      ['gift', 1, 10, 101],
      ['spend', 1, -5, 91],
      ['spend', 2, -4, 96],
      ['purchase', 1, 100, 100],
    ])
  })

  test('leaves out what moved nothing, and keeps passes', async () => {
    const userId = await newUser(['purchase', 0, '2026-03-01T10:00Z', 3600], ['expiry', 0, '2026-03-01T11:00Z'])
    expect((await list(userId, 10)).lines).toMatchObject([{ kind: 'purchase', amount: 0, passSeconds: 3600 }])
  })

  test('shows every line once, forward and back again, however long the days are', async () => {
    const booked: Booked[] = []
    for (let day = 1; day <= 9; day += 1) {
      booked.push(['purchase', 500, `2026-03-0${day}T01:00Z`])
      for (let i = 0; i < 90 * (day % 4); i += 1) booked.push(['spend', -1, `2026-03-0${day}T02:00Z`])
    }
    const userId = await newUser(...booked)
    const all = await list(userId, 100)
    expect(all).toMatchObject({ older: null, newer: null })
    expect(all.lines.reduce((sum, { count }) => sum + count, 0)).toBe(booked.length)

    const forward: HistoryPage[] = [await list(userId, 4)]
    for (let page = forward[0]; page?.older; page = forward.at(-1)) forward.push(await list(userId, 4, page.older))
    expect(forward.flatMap(({ lines }) => lines)).toEqual(all.lines)

    const back: HistoryPage[] = [forward.at(-1) ?? all]
    for (let page = back[0]; page?.newer; page = back.at(-1)) back.push(await list(userId, 4, page.newer))
    expect(back.at(-1)).toEqual(forward[0])
    const seen = new Set(back.flatMap(({ lines }) => lines.map(({ lastVersion }) => lastVersion)))
    expect(seen.size).toBe(all.lines.length)
  })

  test('of somebody who has none is empty, and so is what lies before the first line', async () => {
    const nothing = { lines: [], older: null, newer: null }
    expect(await list(999n, 4)).toEqual(nothing)
    expect(await list(await newUser(['gift', 1, '2026-03-01T10:00Z']), 4, { side: 'older', than: 1 })).toEqual(nothing)
  })

  test('shows the newest page where a cursor leads past the newest line', async () => {
    const userId = await newUser(['gift', 1, '2026-03-01T10:00Z'], ['purchase', 5, '2026-03-02T10:00Z'])
    expect(await list(userId, 4, { side: 'newer', than: 2_000_000_000 })).toEqual(await list(userId, 4))
  })
})

describe('the sums', () => {
  test('tell this week from Monday, this month and last month apart', async () => {
    const userId = await newUser(
      ['purchase', 1_000, '2026-01-31T23:59Z'],
      ['gift', 100, '2026-02-01T00:00Z'],
      ['spend', -7, '2026-02-28T23:59Z'],
      ['purchase', 40, '2026-03-01T00:00Z'],
      ['spend', -3, '2026-03-08T23:59Z'],
      ['spend', -2, '2026-03-09T00:00Z'],
      ['gift', 5, '2026-03-11T12:00Z'],
    )
    // A Wednesday.
    expect(await sumHistory(db.prisma, { userId, now: new Date('2026-03-11T13:00Z') })).toEqual({
      thisWeek: { came: 5, went: 2 },
      thisMonth: { came: 45, went: 5 },
      lastMonth: { came: 100, went: 7 },
    })
  })

  test('of a week that began last month count it wholly', async () => {
    const userId = await newUser(['gift', 9, '2026-03-30T00:00Z'], ['spend', -4, '2026-04-01T10:00Z'])
    expect(await sumHistory(db.prisma, { userId, now: new Date('2026-04-01T12:00Z') })).toEqual({
      thisWeek: { came: 9, went: 4 },
      thisMonth: { came: 0, went: 4 },
      lastMonth: { came: 9, went: 0 },
    })
  })

  test('of somebody without a history are nothing', async () => {
    const none = { came: 0, went: 0 }
    expect(await sumHistory(db.prisma, { userId: 999n, now: new Date() })).toEqual({
      thisWeek: none,
      thisMonth: none,
      lastMonth: none,
    })
  })
})
