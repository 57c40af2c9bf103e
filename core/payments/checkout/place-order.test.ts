import { afterAll, beforeAll, expect, test } from 'vitest'
import { placeOrder } from '#core/payments/checkout/place-order.ts'
import { newProduct, newUser, openShop, type Shop } from '#testing/payments/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const DAY_MS = 86_400_000

async function place(userId: bigint, productId: number, now = new Date()) {
  const outcome = await placeOrder(shop.db, { userId, productId, now })
  if (outcome.status !== 'placed') throw new Error(outcome.status)
  return outcome.order
}

test('an order keeps product and price as they were, whatever becomes of the product', async () => {
  const [userId, product] = await Promise.all([newUser(shop), newProduct(shop)])
  const order = await place(userId, product.id)
  await shop.db.product.update({ where: { id: product.id }, data: { priceMinor: 1, label: 'Cheap', active: false } })
  expect(await shop.db.order.findUnique({ where: { id: order.id } })).toMatchObject({
    state: 'open',
    label: '10 credits',
    amount: 10,
    bonus: 2,
    priceMinor: 500,
    currency: 'usd',
    attempts: 0,
  })
})

test('tokens cannot be guessed: 32 characters of randomness, each its own', async () => {
  const product = await newProduct(shop)
  const orders = await Promise.all(Array.from({ length: 10 }, async () => place(await newUser(shop), product.id)))
  expect(new Set(orders.map(({ token }) => token)).size).toBe(10)
  for (const { token } of orders) expect(token).toMatch(/^[\w-]{32}$/)
})

test('twenty taps at once make one order', async () => {
  const [userId, product] = await Promise.all([newUser(shop), newProduct(shop)])
  const orders = await Promise.all(Array.from({ length: 20 }, () => place(userId, product.id)))
  expect(new Set(orders.map(({ id }) => id)).size).toBe(1)
  expect(await shop.db.order.count({ where: { userId } })).toBe(1)
})

test('an order is handed out again with its seven days renewed, until the offer changes or it has expired', async () => {
  const [userId, product] = await Promise.all([newUser(shop), newProduct(shop)])
  const start = new Date()
  const later = new Date(start.getTime() + 6 * DAY_MS)
  const first = await place(userId, product.id, start)
  const again = await place(userId, product.id, later)
  expect(again.token).toBe(first.token)
  expect(again.expiresAt.getTime() - later.getTime()).toBe(7 * DAY_MS)

  const afterExpiry = await place(userId, product.id, new Date(later.getTime() + 8 * DAY_MS))
  expect(afterExpiry.id).not.toBe(first.id)

  await shop.db.product.update({ where: { id: product.id }, data: { priceMinor: 600 } })
  const dearer = await place(userId, product.id, later)
  expect(dearer).toMatchObject({ priceMinor: 600 })
})

test('an order that auto-recharge is charging is not handed out to be paid once more', async () => {
  const [userId, product] = await Promise.all([newUser(shop), newProduct(shop)])
  const { id } = await place(userId, product.id)
  await shop.db.order.update({ where: { id }, data: { origin: 'recharge' } })
  expect((await place(userId, product.id)).id).not.toBe(id)
})

test('two users never share an order', async () => {
  const product = await newProduct(shop)
  const [one, other] = await Promise.all([
    place(await newUser(shop), product.id),
    place(await newUser(shop), product.id),
  ])
  expect(one.token).not.toBe(other.token)
})

test.each([
  ['archived', { active: false }],
  ['of a kind that cannot be granted', { kind: 'content' }],
] as const)('a product that is %s is not sold', async (_what, change) => {
  const [userId, product] = await Promise.all([newUser(shop), newProduct(shop, change)])
  expect(await placeOrder(shop.db, { userId, productId: product.id, now: new Date() })).toEqual({
    status: 'unavailable',
  })
})

test('a product that never existed is not sold', async () => {
  const userId = await newUser(shop)
  expect(await placeOrder(shop.db, { userId, productId: 999_999, now: new Date() })).toEqual({ status: 'unavailable' })
})

test('a banned user is sold nothing', async () => {
  const [userId, product] = await Promise.all([newUser(shop), newProduct(shop)])
  await shop.db.user.update({ where: { id: userId }, data: { bannedAt: new Date() } })
  expect(await placeOrder(shop.db, { userId, productId: product.id, now: new Date() })).toEqual({ status: 'banned' })
})
