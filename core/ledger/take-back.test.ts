import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postEntry } from '#core/ledger/post-entry.ts'
import { refundRules } from '#core/ledger/rules-refunds.ts'
import { takeBack } from '#core/ledger/take-back.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

let database: TestDatabase
const userId = 7n

beforeEach(async () => {
  database = await createTestDatabase()
  await database.prisma.user.create({ data: { id: userId, firstName: 'Ann' } })
})

afterEach(() => database.close())

const give = (kind: 'purchase' | 'gift', ref: string, deltas: { paidDelta?: number; bonusDelta?: number }) =>
  postEntry(database.prisma, { userId, kind, ref, contra: 'corrections', actor: 'system', ...deltas })

const take = (ref: string, amounts: { paid?: number; bonus?: number; passSeconds?: number; owes: boolean }) =>
  takeBack(database.prisma, { userId, kind: 'refund', ref, contra: 'sales', actor: 'stripe', ...amounts })

const account = () => database.prisma.account.findUniqueOrThrow({ where: { userId } })

describe('taking back', () => {
  test('takes only unspent paid credits, and owes the rest', async () => {
    await give('gift', 'a', { paidDelta: 30, bonusDelta: 5 })
    expect(await take('r1', { paid: 100, owes: true })).toMatchObject({ takenPaid: 30, owed: 70, balance: -65 })
    expect(await account()).toMatchObject({ paid: 0, bonus: 5, debt: 70 })
  })

  test('without a debt leaves what was spent alone, and bonus credits are never owed', async () => {
    await give('gift', 'a', { paidDelta: 30, bonusDelta: 5 })
    expect(await take('r1', { paid: 100, bonus: 20, owes: false })).toMatchObject({
      takenPaid: 30,
      takenBonus: 5,
      owed: 0,
    })
    expect(await account()).toMatchObject({ paid: 0, bonus: 0, debt: 0 })
  })

  test('twenty times at once takes once', async () => {
    await give('gift', 'a', { paidDelta: 100 })
    const all = await Promise.all(Array.from({ length: 20 }, () => take('r1', { paid: 40, owes: true })))
    expect(all.filter(({ status }) => status === 'taken')).toHaveLength(1)
    expect(await account()).toMatchObject({ paid: 60, debt: 0 })
  })

  test('leaves a debt that the next purchase settles before it brings credits', async () => {
    await take('r1', { paid: 70, owes: true })
    expect(await give('purchase', 'p1', { paidDelta: 50 })).toMatchObject({ settled: 50, balance: -20 })
    expect(await give('purchase', 'p2', { paidDelta: 50 })).toMatchObject({ settled: 20, balance: 30 })
    expect(await account()).toMatchObject({ paid: 30, debt: 0 })
  })

  test('a gift does not settle a debt', async () => {
    await take('r1', { paid: 70, owes: true })
    await give('gift', 'g', { bonusDelta: 50 })
    expect(await account()).toMatchObject({ bonus: 50, debt: 70 })
  })

  test('shortens a pass by the time that was bought', async () => {
    await postEntry(database.prisma, {
      userId,
      kind: 'gift',
      ref: 't',
      passSeconds: 7200,
      contra: 'promotions',
      actor: 'system',
    })
    const before = await account()
    await take('r1', { passSeconds: 3600, owes: true })
    const after = await account()
    expect((before.passUntil?.getTime() ?? 0) - (after.passUntil?.getTime() ?? 0)).toBe(3_600_000)
  })

  test('a negative amount is refused and changes nothing', async () => {
    await expect(take('r1', { paid: -5, owes: true })).rejects.toThrow(/negative/)
    expect(await database.prisma.ledgerEntry.count()).toBe(0)
  })

  test('leaves a ledger that adds up', async () => {
    await give('gift', 'a', { paidDelta: 30, bonusDelta: 5 })
    await take('r1', { paid: 100, bonus: 5, owes: true })
    const findings = await verifyLedger(database.pool)
    // There is no payment behind it here, which other rules notice.
    const others = refundRules.map(({ rule }) => rule)
    expect(findings.filter(({ rule }) => !others.includes(rule))).toEqual([])
  })
})
