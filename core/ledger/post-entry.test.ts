import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Movement, postEntry } from '#core/ledger/post-entry.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

const HOUR_MS = 3_600_000

let db: TestDatabase
let lastUser = 0n
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

/** Somebody with so many credits, of whom five or fewer ask for a recharge. */
async function newUser(credits = 0): Promise<bigint> {
  lastUser += 1n
  await db.prisma.user.create({ data: { id: lastUser, firstName: 'Ann' } })
  await book(lastUser, { kind: 'gift', ref: 'start', paidDelta: credits })
  await db.prisma.account.update({ where: { userId: lastUser }, data: { rechargeBelow: 5 } })
  return lastUser
}

const book = (userId: bigint, { ref, ...movement }: Pick<Movement, 'kind' | 'ref'> & Partial<Movement>) =>
  postEntry(db.prisma, { userId, ref: `${ref}:${userId}`, contra: 'test', actor: 'test', ...movement })
const attempts = (userId: bigint) => db.prisma.rechargeAttempt.count({ where: { userId } })

test('a pass that is bought when the last one has ended runs from now, and not from back then', async () => {
  const userId = await newUser()
  await book(userId, { kind: 'purchase', ref: 'first', passSeconds: 60 })
  const ended = new Date(Date.now() - 24 * HOUR_MS)
  await db.prisma.account.update({ where: { userId }, data: { passUntil: ended } })
  await book(userId, { kind: 'purchase', ref: 'second', passSeconds: 3_600 })
  const { passUntil } = await db.prisma.account.findUniqueOrThrow({ where: { userId } })
  expect(passUntil?.getTime()).toBeGreaterThan(Date.now() + HOUR_MS / 2)
})

test('unlocking something that leaves too little asks for a recharge, once while one is under way', async () => {
  const userId = await newUser(20)
  await book(userId, { kind: 'unlock', ref: 'a', paidDelta: -14 })
  expect(await attempts(userId)).toBe(0)
  await book(userId, { kind: 'unlock', ref: 'b', paidDelta: -1 })
  await book(userId, { kind: 'unlock', ref: 'c', paidDelta: -1 })
  expect(await attempts(userId)).toBe(1)
})

test.each(['gift', 'promo', 'purchase', 'expiry', 'adjustment'] as const)(
  'a movement that nobody spends by asks for none, however little there is: %s',
  async (kind) => {
    const userId = await newUser(2)
    await book(userId, { kind, ref: 'a', paidDelta: kind === 'expiry' || kind === 'adjustment' ? -1 : 1 })
    expect(await attempts(userId)).toBe(0)
  },
)
