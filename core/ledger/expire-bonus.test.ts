import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { expireBonus } from '#core/ledger/expire-bonus.ts'
import { listBonusMovements } from '#core/ledger/list-bonus-movements.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { replayBonus } from '#core/ledger/replay-bonus.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { warnEndingBonus } from '#core/ledger/warn-ending-bonus.ts'
import type { LedgerKind } from '#prisma'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { tamper } from '#testing/tamper.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const now = new Date()
const inHours = (hours: number) => new Date(now.getTime() + hours * HOUR_MS)

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterEach(async () => expect(await verifyLedger(db.pool)).toEqual([]))
afterAll(() => db.close())

let lastUserId = 0n
async function newUser(): Promise<bigint> {
  lastUserId += 1n
  await db.prisma.user.create({ data: { id: lastUserId, firstName: 'Ann' } })
  return lastUserId
}

let serial = 0
const book = (
  userId: bigint,
  kind: LedgerKind,
  bonusDelta: number,
  more: { paidDelta?: number; bonusExpiresAt?: Date | null } = {},
) => {
  serial += 1
  const ref = `${kind}:${serial}`
  return db.prisma.$transaction((tx) =>
    postEntry(tx, { userId, kind, ref, bonusDelta, contra: 'promotions', actor: 'system', ...more }),
  )
}
const give = (userId: bigint, bonusDelta: number, bonusExpiresAt: Date | null = null) =>
  book(userId, 'gift', bonusDelta, { bonusExpiresAt })
/** Takes bonus first, as a message does. */
const spend = (userId: bigint, bonus: number, paid = 0) => book(userId, 'adjustment', -bonus, { paidDelta: -paid })

const account = (userId: bigint) => db.prisma.account.findUniqueOrThrow({ where: { userId } })
const noticesOf = async (userId: bigint) =>
  (await db.prisma.outboxItem.findMany({ where: { userId }, orderBy: { id: 'asc' } })).map(({ payload }) => payload)
const endings = async (userId: bigint) =>
  (await db.prisma.ledgerEntry.findMany({ where: { userId, kind: 'expiry' }, orderBy: { version: 'asc' } })).map(
    ({ amount }) => amount,
  )

describe('when their time is up', () => {
  test('unspent bonus credits leave the account, and the user is told once for all of them', async () => {
    const userId = await newUser()
    await give(userId, 10, inHours(1))
    await give(userId, 4, inHours(2))
    await give(userId, 5)
    await give(userId, 7, inHours(9))
    await spend(userId, 3)
    expect(await expireBonus(db.prisma, { now: inHours(0) })).toBe(0)
    expect(await expireBonus(db.prisma, { now: inHours(3) })).toBe(2)
    expect(await account(userId)).toMatchObject({ bonus: 12 })
    expect(await endings(userId)).toEqual([-7, -4])
    expect(await noticesOf(userId)).toEqual([
      { text: 'notice-bonus-ended', args: { credits: 11, balance: 12 }, buttons: 'none' },
    ])
    expect(await expireBonus(db.prisma, { now: inHours(3) })).toBe(0)
  })

  test('nothing is said about credits that were spent in time', async () => {
    const userId = await newUser()
    await give(userId, 10, inHours(1))
    await spend(userId, 10)
    expect(await expireBonus(db.prisma, { now: inHours(3) })).toBe(1)
    expect(await endings(userId)).toEqual([0])
    expect(await noticesOf(userId)).toEqual([])
  })

  test('paid credits are never touched', async () => {
    const userId = await newUser()
    await book(userId, 'purchase', 0, { paidDelta: 20 })
    await give(userId, 10, inHours(1))
    await spend(userId, 10, 5)
    await expireBonus(db.prisma, { now: inHours(3) })
    expect(await account(userId)).toMatchObject({ paid: 15, bonus: 0 })
  })

  test('they end once, whoever looks and however often at once', async () => {
    const userId = await newUser()
    await give(userId, 10, inHours(1))
    await give(userId, 10)
    const ended = await Promise.all(Array.from({ length: 8 }, () => expireBonus(db.prisma, { now: inHours(3) })))
    expect(ended.reduce((sum, count) => sum + count)).toBe(1)
    expect(await account(userId)).toMatchObject({ bonus: 10 })
    expect(await noticesOf(userId)).toHaveLength(1)
  })

  test('a banned user loses them without a word', async () => {
    const userId = await newUser()
    await give(userId, 10, inHours(1))
    await db.prisma.user.update({ where: { id: userId }, data: { bannedAt: now } })
    await expireBonus(db.prisma, { now: inHours(3) })
    expect(await account(userId)).toMatchObject({ bonus: 0 })
    expect(await noticesOf(userId)).toEqual([])
  })

  test('books of one user that are broken keep nobody else waiting', async () => {
    const [broken, sound] = [await newUser(), await newUser()]
    const lot = await give(broken, 10, inHours(1))
    await give(sound, 10, inHours(1))
    const entryId = lot.status === 'posted' ? lot.entryId : 0n
    const ref = `lot:${entryId}`
    await postEntry(db.prisma, { userId: broken, kind: 'expiry', ref, bonusDelta: -10, contra: 'x', actor: 'test' })
    await expect(expireBonus(db.prisma, { now: inHours(3) })).rejects.toThrow('some users')
    expect(await account(sound)).toMatchObject({ bonus: 0 })
    await db.prisma.bonusLot.update({ where: { entryId }, data: { expiredAt: now } })
  })
})

test('spending that races the end is paid with credits that are there, and each credit leaves once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }),
      async (lots, spendings) => {
        const userId = await newUser()
        for (const [index, credits] of lots.entries()) await give(userId, credits, inHours(index))
        await give(userId, 6)
        const outcomes = await Promise.allSettled([
          ...spendings.map((credits) => spend(userId, credits)),
          expireBonus(db.prisma, { now: inHours(2) }),
          expireBonus(db.prisma, { now: inHours(3) }),
        ])
        const spent = spendings.reduce(
          (sum, credits, i) => sum + (outcomes[i]?.status === 'fulfilled' ? credits : 0),
          0,
        )
        const ended = (await endings(userId)).reduce((sum, amount) => sum - amount, 0)
        const { bonus } = await account(userId)
        expect(bonus).toBe(lots.reduce((sum, credits) => sum + credits, 6) - spent - ended)
        const { lots: open, lasting } = replayBonus(await listBonusMovements(db.prisma, { userId }))
        expect(open.reduce((sum, { left }) => sum + left, lasting)).toBe(bonus)
        expect(open.every(({ expiresAt }) => expiresAt > inHours(3))).toBe(true)
      },
    ),
    { numRuns: 15 },
  )
})

describe('before their time is up', () => {
  /** Given ten days ago, so that the end is news. */
  async function giveLongAgo(userId: bigint, credits: number, expiresAt: Date) {
    const posted = await give(userId, credits, expiresAt)
    const entryId = posted.status === 'posted' ? posted.entryId : 0n
    await tamper(db.pool, `UPDATE ledger_entries SET created_at = now() - interval '10 days' WHERE id = ${entryId}`)
  }

  test('the user is told once how many end and when, however often one looks', async () => {
    const userId = await newUser()
    await giveLongAgo(userId, 10, inHours(20))
    await giveLongAgo(userId, 4, inHours(22))
    await giveLongAgo(userId, 9, inHours(90))
    await spend(userId, 8)
    await Promise.all(Array.from({ length: 6 }, () => warnEndingBonus(db.prisma, { days: 1, now })))
    expect(await noticesOf(userId)).toEqual([
      { text: 'notice-bonus-ending', args: { credits: 6, until: inHours(20).getTime() }, buttons: 'none' },
    ])
    expect(await warnEndingBonus(db.prisma, { days: 1, now: inHours(80) })).toBe(1)
  })

  test('nothing is said of credits that are spent, that were given for a day only, or while it is off', async () => {
    const [spent, short, off] = [await newUser(), await newUser(), await newUser()]
    await giveLongAgo(spent, 5, inHours(20))
    await spend(spent, 5)
    await give(short, 5, new Date(now.getTime() + DAY_MS))
    await giveLongAgo(off, 5, inHours(20))
    await warnEndingBonus(db.prisma, { days: 0, now })
    expect(await noticesOf(off)).toEqual([])
    await warnEndingBonus(db.prisma, { days: 1, now })
    expect(await Promise.all([spent, short].map(noticesOf))).toEqual([[], []])
  })
})
