import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Adjusted, adjustBalance } from '#core/ledger/adjust-balance.ts'
import { giveGift } from '#core/ledger/give-gift.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import type { Role } from '#prisma'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(async () => {
  expect(await verifyLedger(db.pool)).toEqual([])
  await db.close()
})

let lastUserId = 0n
async function newUser(paidDelta: number, bonusDelta: number): Promise<bigint> {
  lastUserId += 1n
  const userId = lastUserId
  await db.prisma.user.create({ data: { id: userId, firstName: 'Ann' } })
  const facts = { userId, kind: 'gift', ref: `start:${userId}`, contra: 'x', actor: 'test' } as const
  await postEntry(db.prisma, { ...facts, paidDelta, bonusDelta })
  return userId
}
const actor = (role: Role = 'admin') => ({ id: 9n, name: 'Olga', role })
const take = (userId: bigint, takeCredits: number, more: { ref?: string; reason?: string; role?: Role } = {}) => {
  const { ref = 'a', reason = 'typed twice', role } = more
  return adjustBalance(db.prisma, { userId, takeCredits, reason, ref: `${ref}:${userId}`, actor: actor(role) })
}
const account = (userId: bigint) => db.prisma.account.findUniqueOrThrow({ where: { userId } })

test('a correction takes bonus credits first, is written down, and the user is told why', async () => {
  const userId = await newUser(10, 4)
  expect(await take(userId, 6)).toEqual({ status: 'adjusted', balance: 8 })
  expect(await account(userId)).toMatchObject({ paid: 8, bonus: 0 })
  const entry = await db.prisma.ledgerEntry.findFirstOrThrow({ where: { userId, kind: 'adjustment' } })
  expect(entry).toMatchObject({ amount: -6, actor: 'team:9', reason: 'typed twice' })
  const audit = await db.prisma.auditEntry.findFirstOrThrow({ where: { target: `user:${userId}` } })
  expect(audit).toMatchObject({ action: 'user.adjust', after: { credits: -6 }, reason: 'typed twice' })
  const notice = await db.prisma.outboxItem.findFirstOrThrow({ where: { userId } })
  expect(notice.payload).toMatchObject({
    text: 'notice-adjusted',
    args: { credits: 6, reason: 'typed twice', balance: 8 },
  })
})

test('a correction never takes more than is there, however many race for it', async () => {
  const userId = await newUser(7, 3)
  expect(await take(userId, 11)).toEqual({ status: 'too_little', held: 10 })
  const outcomes = await Promise.all(Array.from({ length: 8 }, (_, i) => take(userId, 4, { ref: `race${i}` })))
  expect(outcomes.filter(({ status }) => status === 'adjusted')).toHaveLength(2)
  expect(await account(userId)).toMatchObject({ paid: 2, bonus: 0 })
})

test('the same correction twenty times at once is made once', async () => {
  const userId = await newUser(10, 0)
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => take(userId, 4)))
  expect(outcomes.filter(({ status }) => status === 'adjusted')).toHaveLength(1)
  expect(await account(userId)).toMatchObject({ paid: 6 })
})

test.each<[Adjusted['status'], Parameters<typeof take>[2]]>([
  ['forbidden', { role: 'agent' }],
  ['no_reason', { reason: ' \n' }],
])('a correction is %s with %j, and changes nothing', async (status, more) => {
  const userId = await newUser(10, 0)
  expect(await take(userId, 4, more)).toEqual({ status })
  expect(await account(userId)).toMatchObject({ paid: 10 })
})

test('a correction of nobody, of nothing or of a debt in disguise is refused', async () => {
  expect(await take(999n, 4)).toEqual({ status: 'unknown_user' })
  const userId = await newUser(10, 0)
  for (const credits of [0, -5, 1.5, 1_000_001]) await expect(take(userId, credits)).rejects.toThrow(RangeError)
})

test('a gift with an end lasts until then, which its notice says; one without lasts for ever', async () => {
  const userId = await newUser(0, 0)
  const gift = { userId, credits: 5, reason: 'thanks', actor: actor() }
  const until = new Date(Date.now() + 30 * 86_400_000)
  await giveGift(db.prisma, { ...gift, ref: `gift:${userId}:1` })
  await giveGift(db.prisma, { ...gift, ref: `gift:${userId}:2`, until })
  const lots = await db.prisma.bonusLot.findMany({ where: { userId } })
  expect(lots).toMatchObject([{ granted: 5, expiresAt: until, expiredAt: null }])
  const notices = await db.prisma.outboxItem.findMany({ where: { userId }, orderBy: { id: 'asc' } })
  expect(notices.map(({ payload }) => payload)).toMatchObject([
    { text: 'notice-gift' },
    { text: 'notice-gift-ending', args: { until: until.getTime() } },
  ])
})
