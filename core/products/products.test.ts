import { afterEach, beforeEach, expect, test } from 'vitest'
import { minorDigits } from '#core/money/format-money.ts'
import { listProductsOnOffer, listQuickBuyProducts } from '#core/products/find-products.ts'
import { seedProducts } from '#core/products/seed-products.ts'
import { starterProducts } from '#core/products/starter-products.ts'
import { waysToPay } from '#core/products/ways-to-pay.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database.close())

test('a new business starts with five amounts of credits and three passes, in this order', async () => {
  expect(await seedProducts(database.prisma, { currency: 'USD' })).toBe(8)
  const products = await listProductsOnOffer(database.prisma, { rails: 'stripe' })
  expect(products.map(({ kind, amount, quickBuy }) => [kind, amount, quickBuy])).toEqual([
    ['credits', 10, 10],
    ['credits', 25, 25],
    ['credits', 50, 50],
    ['credits', 100, 100],
    ['credits', 500, 500],
    ['time', 3_600, null],
    ['time', 86_400, null],
    ['time', 2_592_000, null],
  ])
  expect(products.every(({ currency, active }) => currency === 'usd' && active)).toBe(true)
})

test('several processes that seed at once make the products once', async () => {
  const made = await Promise.all(Array.from({ length: 5 }, () => seedProducts(database.prisma, { currency: 'usd' })))
  expect(made.filter((count) => count > 0)).toEqual([8])
  expect(await database.prisma.product.count()).toBe(8)
})

test('what the owner edited, archived or removed stays as it is at the next start', async () => {
  const db = database.prisma
  await seedProducts(db, { currency: 'usd' })
  await db.product.update({ where: { quickBuy: 10 }, data: { priceMinor: 777, label: 'Ten' } })
  await db.product.update({ where: { quickBuy: 25 }, data: { active: false } })
  await db.product.delete({ where: { quickBuy: 50 } })
  expect(await seedProducts(db, { currency: 'eur' })).toBe(0)
  expect(await db.product.findUnique({ where: { quickBuy: 10 } })).toMatchObject({ priceMinor: 777, label: 'Ten' })
  const offered = await listQuickBuyProducts(db, { rails: 'stripe' })
  expect(offered.map(({ quickBuy }) => quickBuy)).toEqual([10, 100, 500])
})

test('products that cannot be granted are not offered', async () => {
  const product = { label: 'Monthly', amount: 1, priceMinor: 500, currency: 'usd', quickBuy: 7 }
  await database.prisma.product.create({ data: { ...product, kind: 'subscription' } })
  expect(await listProductsOnOffer(database.prisma, { rails: 'stripe' })).toEqual([])
  expect(await listQuickBuyProducts(database.prisma, { rails: 'stripe' })).toEqual([])
})

test.each([
  ['stripe', ['both', 'stripe only', 'monthly']],
  ['stars', ['both', 'monthly']],
  ['both', ['both', 'stripe only', 'monthly']],
] as const)('while money is taken by %s, only what can be paid that way is offered', async (rails, labels) => {
  const product = { kind: 'credits' as const, amount: 10, priceMinor: 500, currency: 'usd' }
  await database.prisma.product.createMany({
    data: [
      { ...product, label: 'both', priceStars: 250, quickBuy: 1 },
      { ...product, label: 'stripe only', quickBuy: 2 },
      { ...product, label: 'monthly', kind: 'subscription', gives: 'credits', priceStars: 200, quickBuy: 3 },
      { ...product, label: 'archived', priceStars: 1, active: false, quickBuy: 4 },
    ],
  })
  const labelsOf = (products: { label: string }[]) => products.map(({ label }) => label)
  expect(labelsOf(await listProductsOnOffer(database.prisma, { rails }))).toEqual(labels)
  expect(labelsOf(await listQuickBuyProducts(database.prisma, { rails }))).toEqual(labels)
  for (const offered of await listProductsOnOffer(database.prisma, { rails })) {
    expect(waysToPay(offered, rails), offered.label).not.toEqual([])
  }
})

test.each(['usd', 'eur', 'jpy', 'krw', 'isk', 'kwd', 'vnd', 'huf', 'xof', 'sek'])(
  'the first prices in %s are ones that Stripe can charge, and more costs more',
  (currency) => {
    const products = starterProducts(currency)
    const prices = products.map(({ priceMinor }) => priceMinor)
    expect(prices.every((price) => Number.isInteger(price) && price > 0 && price < 99_999_999)).toBe(true)
    expect(prices.slice(0, 5)).toEqual(prices.slice(0, 5).toSorted((a, b) => a - b))
    // Whole units where hundredths do not exist, a zero last where Stripe wants one.
    if (minorDigits(currency) === 3) expect(prices.every((price) => price % 10 === 0)).toBe(true)
    if (currency === 'isk') expect(prices.every((price) => price % 100 === 0)).toBe(true)
  },
)

test('a price in yen is a number of yen', () => {
  expect(starterProducts('jpy')[0]).toMatchObject({ label: '10 credits', priceMinor: 450, currency: 'jpy' })
  expect(starterProducts('usd')[0]).toMatchObject({ priceMinor: 299 })
})

test('a shop to try things out has subscriptions, too', async () => {
  await database.prisma.product.deleteMany()
  expect(await seedProducts(database.prisma, { currency: 'EUR', withSubscriptions: true })).toBe(10)
  const recurring = await database.prisma.product.findMany({
    where: { kind: 'subscription' },
    orderBy: { sortOrder: 'asc' },
  })
  expect(recurring).toMatchObject([
    { gives: 'credits', amount: 100, priceMinor: 1499, currency: 'eur' },
    { gives: 'access', amount: 1, priceMinor: 7999, currency: 'eur' },
  ])
})
