import { afterAll, beforeAll, expect, test } from 'vitest'
import { giveGift, MAX_GIFT_CREDITS } from '#core/ledger/give-gift.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { registerUser } from '#core/users/register-user.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

const userId = 1n
const actor = { id: 900n, name: 'Olivia', role: 'owner' } as const

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
  await registerUser(db.prisma, { id: userId, firstName: 'Ann', lastName: null, username: null, languageCode: 'en' })
})
afterAll(async () => {
  expect(await verifyLedger(db.pool)).toEqual([])
  await db.close()
})

const give = (credits: number, ref: string) => giveGift(db.prisma, { userId, credits, reason: 'Thank you', ref, actor })
const bonus = async () => (await db.prisma.account.findUniqueOrThrow({ where: { userId } })).bonus

test('a gift is given, told and audited once, however often and at once its button is pressed', async () => {
  const all = await Promise.all(Array.from({ length: 6 }, () => give(5, 'button:1')))
  expect(all.filter(({ status }) => status === 'given')).toEqual([{ status: 'given', balance: 5 }])
  expect(await bonus()).toBe(5)
  expect(await db.prisma.auditEntry.findMany()).toMatchObject([{ action: 'user.gift', target: 'user:1' }])
  expect(await db.prisma.outboxItem.count({ where: { userId, purpose: 'notice' } })).toBe(1)
})

test.each([0, -5, 1.5, MAX_GIFT_CREDITS + 1])('a gift of %d credits is refused', async (credits) => {
  const before = await bonus()
  await expect(give(credits, `strange:${credits}`)).rejects.toThrow(RangeError)
  expect(await bonus()).toBe(before)
})
