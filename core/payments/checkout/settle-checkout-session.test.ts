import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { postEntry } from '#core/ledger/post-entry.ts'
import { listen } from '#core/live/listen.ts'
import { applyCheckout } from '#core/payments/checkout/apply-checkout.ts'
import { placeOrder } from '#core/payments/checkout/place-order.ts'
import { settleCheckoutSession } from '#core/payments/checkout/settle-checkout-session.ts'
import type { Checkout } from '#core/rails/payment-rail.ts'
import type { Order } from '#prisma'
import {
  clickPayLink,
  eventually,
  grantedOnce,
  newOrder,
  newUser,
  nothingGranted,
  openShop,
  payOrder,
  readBooks,
  type Shop,
} from '#testing/payments/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const settle = (sessionId: string, rail = shop.rail) =>
  settleCheckoutSession(shop.db, rail, { sessionId, now: new Date() })

/** The books of one order, without what other tests left in the shop. */
async function booksOf(order: Order) {
  const books = await readBooks(shop, order)
  const payments = await shop.db.payment.findMany({ where: { orderId: order.id }, orderBy: { createdAt: 'asc' } })
  const alerts = await shop.db.alert.findMany({
    where: { key: { in: payments.map(({ sessionId }) => `payment-quarantined:${sessionId}`) } },
  })
  return { ...books, payments: payments.map(({ state }) => state), alerts: alerts.map(({ title }) => title) }
}

/** A session made by somebody who holds the API key, paid at once. */
async function forgeSession(orderId: string, given: { amount?: number; currency?: string; reference?: string } = {}) {
  const { amount = 500, currency = 'usd', reference = orderId } = given
  const session = await shop.sdk.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://elsewhere.test',
    client_reference_id: reference,
    metadata: { order_id: orderId },
    line_items: [{ quantity: 1, price_data: { currency, unit_amount: amount, product_data: { name: 'Something' } } }],
  })
  await shop.world.paySession({ sessionId: session.id })
  return session.id
}

describe('a paid checkout', () => {
  test('is granted once, however many ask at once', async () => {
    const order = await newOrder(shop)
    const sessionId = await payOrder(shop, order)
    const rails = [shop.rail, shop.newRail()]
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, index) => settle(sessionId, rails[index % 2])))
    expect(outcomes.filter(({ status }) => status === 'granted')).toHaveLength(1)
    expect(outcomes.filter(({ status }) => status === 'settled_before')).toHaveLength(19)
    expect(await booksOf(order)).toEqual(grantedOnce)
  })

  test('marks the card of the conversation as out of date and remembers the customer', async () => {
    const order = await newOrder(shop)
    await shop.db.conversation.create({ data: { userId: order.userId } })
    await settle(await payOrder(shop, order))
    const conversation = await shop.db.conversation.findUniqueOrThrow({ where: { userId: order.userId } })
    expect(conversation.cardDirtyAt).not.toBeNull()
    const user = await shop.db.user.findUniqueOrThrow({ where: { id: order.userId } })
    expect(user.stripeCustomerId).toMatch(/^cus_/)
  })

  test('makes whoever looks at the dashboard look again', async () => {
    let looks = 0
    const connectionString = shop.database.url
    const listener = listen({ connectionString, on: { live: () => void looks++ }, onError: () => undefined })
    onTestFinished(() => listener.stop())
    const sessionId = await payOrder(shop, await newOrder(shop))
    // Once when it begins to hear.
    await eventually(
      async () => looks,
      (count) => count > 0,
    )
    const before = looks
    await settle(sessionId)
    await eventually(
      async () => looks,
      (count) => count > before,
    )
  })

  test('of a pass adds its time to the end of the one that runs', async () => {
    const hour = { kind: 'time', label: '1 hour pass', amount: 3600, bonus: 0, priceMinor: 299 } as const
    const order = await newOrder(shop, hour)
    await settle(await payOrder(shop, order))
    const again = await placeOrder(shop.db, { userId: order.userId, productId: order.productId, now: new Date() })
    if (again.status !== 'placed') throw new Error(again.status)
    await settle(await payOrder(shop, again.order))
    const books = await readBooks(shop, order)
    const secondsLeft = ((books.passUntil?.getTime() ?? 0) - Date.now()) / 1000
    expect(secondsLeft).toBeCloseTo(7_200, -2)
    expect(books.entries).toEqual([
      ['purchase', 3600],
      ['purchase', 3600],
    ])
    expect(books.notices[1]).toMatchObject({
      text: 'buy-paid-pass',
      args: { label: '1 hour pass', until: books.passUntil?.getTime(), bonus: 0, balance: 0 },
    })
  })

  test('is granted even when the pay link has expired meanwhile', async () => {
    const order = await newOrder(shop)
    const sessionId = await payOrder(shop, order)
    await shop.db.order.update({ where: { id: order.id }, data: { state: 'expired', expiresAt: new Date(0) } })
    expect(await settle(sessionId)).toMatchObject({ status: 'granted' })
    expect(await booksOf(order)).toEqual(grantedOnce)
  })

  test('that was never paid grants nothing, though its buyer came back from the page', async () => {
    const order = await newOrder(shop)
    const sessionId = await clickPayLink(shop, order)
    expect(await settle(sessionId)).toEqual({ status: 'not_paid', payment: 'unpaid', ended: false })
    await shop.world.paySession({ sessionId, outcome: 'declined' })
    expect(await settle(sessionId)).toEqual({ status: 'not_paid', payment: 'unpaid', ended: false })
    expect(await booksOf(order)).toEqual(nothingGranted)
  })

  test('of somebody else in the same Stripe account is left alone', async () => {
    const session = await shop.sdk.checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://elsewhere.test',
      line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 900, product_data: { name: 'Mug' } } }],
    })
    await shop.world.paySession({ sessionId: session.id })
    expect(await settle(session.id)).toEqual({ status: 'foreign' })
    expect(await shop.db.payment.count({ where: { sessionId: session.id } })).toBe(0)
  })
})

describe('money that does not fit the order is kept apart, reported once and never granted:', () => {
  const quarantined = { ...nothingGranted, payments: ['quarantined'], alerts: ['A payment was not granted'] }

  test.each<[string, { amount?: number; currency?: string; reference?: string }, string]>([
    ['too little', { amount: 50 }, '$0.50'],
    ['too much', { amount: 5_000 }, '$50.00'],
    ['the right number in another currency', { currency: 'mxn', amount: 1_000 }, 'MX$10.00'],
    ['a reference to something else', { reference: 'another-order' }, '$5.00'],
  ])('%s', async (_what, given, arrived) => {
    const order = await newOrder(shop, given.currency === 'mxn' ? { priceMinor: 1_000 } : {})
    const sessionId = await forgeSession(order.id, given)
    await Promise.all([settle(sessionId), settle(sessionId), settle(sessionId)])
    expect(await booksOf(order)).toEqual(quarantined)
    expect(await shop.db.alert.findUnique({ where: { key: `payment-quarantined:${sessionId}` } })).toMatchObject({
      count: 1,
      severity: 'urgent',
      detail: expect.stringContaining(`${arrived} arrived by checkout ${sessionId}`),
    })
    // The forger has not taken the order from its owner.
    await settle(await payOrder(shop, order))
    expect(await booksOf(order)).toMatchObject({ state: 'granted', paid: 10, payments: ['quarantined', 'granted'] })
  })

  test.each(['00000000-0000-4000-8000-000000000000', "'; DROP TABLE orders; --"])('the order %s', async (orderId) => {
    const sessionId = await forgeSession(orderId)
    expect(await settle(sessionId)).toMatchObject({ status: 'quarantined' })
    expect(await shop.db.payment.findUnique({ where: { sessionId } })).toMatchObject({
      state: 'quarantined',
      orderId: null,
    })
  })

  test('test money while the key is live', async () => {
    const order = await newOrder(shop)
    const sessionId = await payOrder(shop, order)
    const live = { ...shop.rail, livemode: true }
    expect(await settle(sessionId, live)).toMatchObject({ status: 'quarantined' })
    expect(await booksOf(order)).toEqual({ ...quarantined, state: 'quarantined' })
    // The daily check looks for it among the money of the kind that it is.
    expect(await shop.db.payment.findUnique({ where: { sessionId } })).toMatchObject({ livemode: false })
  })

  test.each([
    ['another mode', { mode: 'subscription' }],
    ['no amount', { amountMinor: null, currency: null }],
    ['nothing due', { payment: 'nothing_due', amountMinor: 0 }],
  ] as const)('%s', async (_what, change) => {
    const order = await newOrder(shop)
    const checkout = await shop.rail.findCheckout(await payOrder(shop, order))
    if (!checkout) throw new Error('the session is gone')
    const changed: Checkout = { ...checkout, ...change }
    const apply = () =>
      shop.db.$transaction((tx) => applyCheckout(tx, { checkout: changed, rail: shop.rail, now: new Date() }))
    expect(await apply()).toMatchObject({ status: 'quarantined' })
    expect(await booksOf(order)).toEqual({ ...quarantined, state: 'quarantined' })
  })

  test('a good payment of an order that a person looks at because of another one', async () => {
    const order = await newOrder(shop)
    const checkout = await shop.rail.findCheckout(await payOrder(shop, order))
    if (!checkout) throw new Error('the session is gone')
    await shop.db.$transaction((tx) =>
      applyCheckout(tx, { checkout: { ...checkout, amountMinor: 1 }, rail: shop.rail, now: new Date() }),
    )
    expect(await settle(await forgeSession(order.id))).toMatchObject({ status: 'quarantined' })
    expect(await booksOf(order)).toMatchObject({
      state: 'quarantined',
      entries: [],
      payments: ['quarantined', 'quarantined'],
    })
  })

  test('a second payment of an order that was granted', async () => {
    const order = await newOrder(shop)
    await settle(await payOrder(shop, order))
    const second = await forgeSession(order.id)
    expect(await settle(second)).toMatchObject({ status: 'quarantined' })
    const books = await booksOf(order)
    expect(books).toEqual({
      ...grantedOnce,
      payments: ['granted', 'quarantined'],
      alerts: ['A payment was not granted'],
    })
  })

  test('the later of two payments of one order that arrive at the same time', async () => {
    const order = await newOrder(shop)
    const sessions = await Promise.all([forgeSession(order.id), forgeSession(order.id), forgeSession(order.id)])
    await Promise.all([...sessions, ...sessions].map((sessionId) => settle(sessionId)))
    const books = await booksOf(order)
    expect(books.payments.toSorted()).toEqual(['granted', 'quarantined', 'quarantined'])
    expect(books).toMatchObject({ state: 'granted', paid: 10, bonus: 2, entries: grantedOnce.entries })
  })
})

describe('a slow payment method', () => {
  test('is granted when the money arrives, not when the page is done', async () => {
    const order = await newOrder(shop)
    const sessionId = await clickPayLink(shop, order)
    await shop.world.paySession({ sessionId, outcome: 'delayed' })
    expect(await settle(sessionId)).toEqual({ status: 'not_paid', payment: 'pending', ended: false })
    expect(await booksOf(order)).toEqual(nothingGranted)
    await shop.world.settlePayment({ sessionId, succeeds: true })
    expect(await settle(sessionId)).toMatchObject({ status: 'granted' })
    expect(await booksOf(order)).toEqual(grantedOnce)
  })

  test('that fails leaves the order open for another try', async () => {
    const order = await newOrder(shop)
    const sessionId = await clickPayLink(shop, order)
    await shop.world.paySession({ sessionId, outcome: 'delayed' })
    await shop.world.settlePayment({ sessionId, succeeds: false })
    expect(await settle(sessionId)).toEqual({ status: 'not_paid', payment: 'failed', ended: true })
    const second = await payOrder(shop, order)
    expect(second).not.toBe(sessionId)
    await settle(second)
    expect(await booksOf(order)).toEqual(grantedOnce)
  })
})

test('a purchase that the ledger knows from elsewhere is not booked half: nothing of it is written', async () => {
  const order = await newOrder(shop)
  const sessionId = await payOrder(shop, order)
  const { userId } = order
  const known = { userId, kind: 'purchase', ref: `order:${order.id}`, contra: 'sales', actor: 'stripe' } as const
  await postEntry(shop.db, { ...known, paidDelta: 10 })
  await expect(settle(sessionId)).rejects.toThrow('in the ledger already')
  expect(await booksOf(order)).toMatchObject({ state: 'open', paid: 10, payments: [], notices: [] })
})

test('a customer that belongs to one user is not taken over by another', async () => {
  const first = await newOrder(shop)
  await settle(await payOrder(shop, first))
  const { stripeCustomerId } = await shop.db.user.findUniqueOrThrow({ where: { id: first.userId } })
  const second = await newOrder(shop)
  const checkout = await shop.rail.findCheckout(await payOrder(shop, second))
  if (!checkout) throw new Error('the session is gone')
  const shared = { ...checkout, customerId: stripeCustomerId }
  await shop.db.$transaction((tx) => applyCheckout(tx, { checkout: shared, rail: shop.rail, now: new Date() }))
  expect(await booksOf(second)).toEqual(grantedOnce)
  const other = await shop.db.user.findUniqueOrThrow({ where: { id: second.userId } })
  expect(other.stripeCustomerId).toBeNull()
})

test('a session that Stripe does not have changes nothing', async () => {
  expect(await settle('cs_test_nothing')).toEqual({ status: 'missing' })
})

test('while Stripe does not answer nothing is written, and the next try grants', async () => {
  const order = await newOrder(shop)
  const sessionId = await payOrder(shop, order)
  await shop.world.addApiFault({ kind: 'server_error', path: '/v1/checkout/sessions', times: 2 })
  await expect(settle(sessionId)).rejects.toThrow('Stripe did not show checkout')
  expect(await booksOf(order)).toEqual(nothingGranted)
  await settle(sessionId)
  expect(await booksOf(order)).toEqual(grantedOnce)
})

test('grants and spending of one user at the same time do not wait for each other for ever', async () => {
  const userId = await newUser(shop)
  const orders = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const { productId } = await newOrder(shop)
      const placed = await placeOrder(shop.db, { userId, productId, now: new Date() })
      if (placed.status !== 'placed') throw new Error(placed.status)
      return placed.order
    }),
  )
  const sessions = await Promise.all(orders.map((order) => payOrder(shop, order)))
  const tap = (order: Order) => placeOrder(shop.db, { userId, productId: order.productId, now: new Date() })
  await Promise.all([...sessions.map((id) => settle(id)), ...sessions.map((id) => settle(id)), ...orders.map(tap)])
  const account = await eventually(
    () => shop.db.account.findUniqueOrThrow({ where: { userId } }),
    ({ version }) => version === 8,
  )
  expect(account).toMatchObject({ paid: 40, bonus: 8 })
})
