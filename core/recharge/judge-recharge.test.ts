import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Prisma } from '#prisma'
import { newRecharger, readRecharge, runDue, spend } from '#testing/payments/recharge.ts'
import { newProduct, openShop, type Shop } from '#testing/payments/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

type Terms = Prisma.RechargePlanUncheckedUpdateInput

test.each<[string, () => Promise<Terms>]>([
  ['a higher threshold', async () => ({ threshold: 50 })],
  ['a higher cap', async () => ({ monthlyCapMinor: 1_000_000 })],
  ['another product at the same price', async () => ({ productId: (await newProduct(shop)).id })],
])('nothing is charged under terms that nobody read: %s', async (_what, termsOf) => {
  const { userId } = await newRecharger(shop, { credits: 6 })
  await shop.db.rechargePlan.update({ where: { userId }, data: await termsOf() })
  await spend(shop, userId, 1)
  await runDue(shop)
  expect(await readRecharge(shop, userId)).toMatchObject({
    plan: 'suspended',
    because: 'price_changed',
    attempts: ['skipped: price_changed'],
    taken: [],
  })
})

test('nothing is charged in another currency than the one agreed to', async () => {
  const { userId, product } = await newRecharger(shop, { credits: 6 })
  await shop.db.product.update({ where: { id: product.id }, data: { currency: 'gbp' } })
  await spend(shop, userId, 1)
  await runDue(shop)
  expect(await readRecharge(shop, userId)).toMatchObject({ attempts: ['skipped: price_changed'], taken: [] })
})

test('what is owed counts: somebody in debt has too little, whatever they hold', async () => {
  const { userId } = await newRecharger(shop, { credits: 30 })
  await shop.db.account.update({ where: { userId }, data: { debt: 25 } })
  await spend(shop, userId, 1)
  await runDue(shop)
  expect((await readRecharge(shop, userId)).taken).toEqual([500])
})
