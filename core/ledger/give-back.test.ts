import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { giveBack } from '#core/ledger/give-back.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { takeBack } from '#core/ledger/take-back.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

let database: TestDatabase
const userId = 7n
const HOUR_MS = 3_600_000

beforeEach(async () => {
  database = await createTestDatabase()
  await database.prisma.user.create({ data: { id: userId, firstName: 'Ann' } })
})

afterEach(() => database.close())

const common = { userId, contra: 'sales', actor: 'stripe' }
const give = (ref: string, amounts: { paid?: number; bonus?: number; passSeconds?: number }) =>
  giveBack(database.prisma, { ...common, kind: 'refund', ref, ...amounts })
const book = (ref: string, paidDelta = 0) =>
  postEntry(database.prisma, { ...common, kind: 'purchase', ref, paidDelta, passSeconds: paidDelta === 0 ? 3_600 : 0 })
const account = () => database.prisma.account.findUniqueOrThrow({ where: { userId } })

describe('giving back', () => {
  test('pays what is owed first, and no more than that', async () => {
    await takeBack(database.prisma, { ...common, kind: 'refund', ref: 'r1', paid: 30, owes: true })
    expect(await give('g1', { paid: 20, bonus: 5 })).toMatchObject({ settled: 20, balance: -5 })
    expect(await account()).toMatchObject({ paid: 0, bonus: 5, debt: 10 })
    expect(await give('g2', { paid: 20 })).toMatchObject({ settled: 10, balance: 15 })
    expect(await account()).toMatchObject({ paid: 10, bonus: 5, debt: 0 })
  })

  test('twenty times at once gives once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => give('g1', { paid: 40, bonus: 2 })))
    expect(all.filter(({ status }) => status === 'given')).toHaveLength(1)
    expect(await account()).toMatchObject({ paid: 40, bonus: 2, version: 1 })
  })

  test('and buying at the same moment both count', async () => {
    await Promise.all(
      Array.from({ length: 8 }, (_, index) => [give(`g${index}`, { paid: 1 }), book(`p${index}`, 10)]).flat(),
    )
    expect(await account()).toMatchObject({ paid: 88, version: 16 })
  })

  test('prolongs a pass that runs, begins one that has ended now, and begins none for credits', async () => {
    await give('g1', { paid: 1 })
    expect((await account()).passUntil).toBeNull()
    await book('pass')
    const running = (await account()).passUntil?.getTime() ?? 0
    await give('g2', { passSeconds: 3_600 })
    expect((await account()).passUntil?.getTime()).toBe(running + HOUR_MS)
    await database.prisma.account.update({ where: { userId }, data: { passUntil: new Date(Date.now() - HOUR_MS) } })
    await give('g3', { passSeconds: 3_600 })
    expect((await account()).passUntil?.getTime()).toBeGreaterThan(Date.now() + HOUR_MS / 2)
  })

  test.each([{ paid: -1 }, { bonus: -1 }, { passSeconds: -1 }])(
    'of a negative amount is refused: %j',
    async (amounts) => {
      await book('p1', 10)
      await expect(give('g1', amounts)).rejects.toThrow(/negative/)
      expect(await account()).toMatchObject({ version: 1 })
    },
  )
})

test.each<[string, () => Promise<unknown>]>([
  ['booked', () => book('p2', 5)],
  ['taken back', () => takeBack(database.prisma, { ...common, kind: 'refund', ref: 'r1', paid: 5, owes: true })],
  ['given back', () => give('g1', { paid: 5 })],
])('the card of a conversation is out of date when credits were %s', async (_, move) => {
  await book('p1', 10)
  await database.prisma.conversation.create({ data: { userId } })
  await move()
  const { cardDirtyAt } = await database.prisma.conversation.findUniqueOrThrow({ where: { userId } })
  expect(cardDirtyAt).not.toBeNull()
})
