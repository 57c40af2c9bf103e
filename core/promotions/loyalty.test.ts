import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { changeSetting } from '#core/settings/change-setting.ts'
import type { Tier } from '#prisma'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { giveMoneyBack, grantPayment } from '#testing/payments/granted-payment.ts'

let db: TestDatabase
const loyaltyPercent = { new: 0, regular: 10, vip: 25 }
beforeAll(async () => {
  db = await createTestDatabase()
  await changeSetting(db.prisma, { key: 'loyaltyPercent', value: loyaltyPercent, updatedBy: 'test' })
})
afterAll(async () => {
  expect(await verifyLedger(db.pool)).toEqual([])
  await db.close()
})

let lastUserId = 0n
async function newUser(tier: Tier): Promise<bigint> {
  lastUserId += 1n
  await db.prisma.user.create({ data: { id: lastUserId, firstName: 'Ann', tier, tierOverride: tier } })
  return lastUserId
}
const account = (userId: bigint) => db.prisma.account.findUniqueOrThrow({ where: { userId } })
const lastNotice = async (userId: bigint) =>
  (await db.prisma.outboxItem.findFirstOrThrow({ where: { userId, purpose: 'notice' }, orderBy: { id: 'desc' } }))
    .payload

test('bought credits bring a bonus by the tier, which the notice names and the payment remembers', async () => {
  const userId = await newUser('vip')
  const { paymentId } = await grantPayment(db.prisma, { userId, product: { amount: 30, bonus: 2 } })
  expect(await account(userId)).toMatchObject({ paid: 30, bonus: 9 })
  expect(await lastNotice(userId)).toMatchObject({
    text: 'buy-paid-loyal',
    args: { credits: 30, bonus: 2, loyalty: 7, balance: 39 },
  })
  expect(await db.prisma.payment.findUniqueOrThrow({ where: { id: paymentId } })).toMatchObject({ grantedBonus: 9 })
})

test('a refund takes the loyalty bonus back with the rest', async () => {
  const userId = await newUser('regular')
  const { paymentId } = await grantPayment(db.prisma, { userId, product: { amount: 30, bonus: 2 } })
  expect(await account(userId)).toMatchObject({ paid: 30, bonus: 5 })
  await giveMoneyBack(db.prisma, { paymentId, refundedMinor: 500 })
  expect(await account(userId)).toMatchObject({ paid: 0, bonus: 0, debt: 0 })
})

test('the purchase that lifts somebody to a tier is not yet rewarded by it, the next one is', async () => {
  lastUserId += 1n
  const userId = lastUserId
  await grantPayment(db.prisma, { userId, product: { amount: 100, bonus: 0, priceMinor: 2_000 } })
  expect(await account(userId)).toMatchObject({ paid: 100, bonus: 0 })
  await grantPayment(db.prisma, { userId, product: { amount: 100, bonus: 0 } })
  expect(await account(userId)).toMatchObject({ paid: 200, bonus: 10 })
})

test('part of a credit is none, and a pass brings no credits', async () => {
  for (const [amount, loyalty] of [
    [9, 0],
    [19, 1],
  ] as const) {
    const holder = await newUser('regular')
    await grantPayment(db.prisma, { userId: holder, product: { amount, bonus: 0 } })
    expect(await account(holder)).toMatchObject({ paid: amount, bonus: loyalty })
  }
  const userId = await newUser('vip')
  await grantPayment(db.prisma, { userId, product: { kind: 'time', amount: 3_600, bonus: 0 } })
  expect(await account(userId)).toMatchObject({ paid: 0, bonus: 0 })
})
