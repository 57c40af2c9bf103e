import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openCheckout } from '#core/payments/checkout/open-checkout.ts'
import { placeOrder } from '#core/payments/checkout/place-order.ts'
import { settleCheckoutSession } from '#core/payments/checkout/settle-checkout-session.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { changeSetting } from '#core/settings/change-setting.ts'
import type { RailChoice } from '#core/settings/settings.ts'
import type { Order } from '#prisma'
import { payOrder as arriveMoney } from '#testing/payments/pay-order.ts'
import {
  clickPayLink,
  grantedOnce,
  newOrder,
  nothingGranted,
  openShop,
  PUBLIC_URL,
  payOrder,
  readBooks,
  type Shop,
} from '#testing/payments/shop.ts'

let shop: Shop
let nowMs: number
beforeEach(async () => {
  nowMs = Date.now()
  shop = await openShop({ clock: () => nowMs })
})
afterEach(() => shop.close())

const open = (order: Order, rail: PaymentRail = shop.rail) =>
  openCheckout(shop.db, rail, { token: order.token, publicUrl: PUBLIC_URL, now: new Date(nowMs) })

const later = (minutes: number) => {
  nowMs += minutes * 60_000
}

describe('a click on the pay link', () => {
  test('opens a payment page for exactly what was ordered, with the ways back into our hands', async () => {
    const order = await newOrder(shop)
    const opened = await open(order)
    const [session] = await shop.world.listSessions()
    expect(opened).toEqual({ status: 'redirect', url: session?.url })
    expect(session).toMatchObject({
      mode: 'payment',
      amount_total: 500,
      currency: 'usd',
      client_reference_id: order.id,
      metadata: { order_id: order.id },
      customer_creation: 'always',
      success_url: `${PUBLIC_URL}/checkout/${order.token}/success?session_id={CHECKOUT_SESSION_ID}`,
      cancel_url: `${PUBLIC_URL}/checkout/${order.token}/cancel`,
    })
  })

  test('repeated twelve times at once opens one page', async () => {
    const order = await newOrder(shop)
    const rails = [shop.rail, shop.newRail()]
    const opened = await Promise.all(Array.from({ length: 12 }, (_, index) => open(order, rails[index % 2])))
    const sessions = await shop.world.listSessions()
    expect(sessions).toHaveLength(1)
    expect(new Set(opened.map((outcome) => JSON.stringify(outcome)))).toEqual(
      new Set([JSON.stringify({ status: 'redirect', url: sessions[0]?.url })]),
    )
  })

  /** A click whose page is made, but that hears of it only when it is released. */
  async function dawdle(order: Order) {
    const gate = new EventEmitter()
    let isFirst = true
    const dawdling: PaymentRail = {
      ...shop.rail,
      async createCheckout(request) {
        const outcome = await shop.rail.createCheckout(request)
        if (!isFirst) return outcome
        isFirst = false
        gate.emit('created')
        await once(gate, 'released')
        return outcome
      },
    }
    const isCreated = once(gate, 'created')
    const opened = open(order, dawdling)
    await isCreated
    return () => {
      gate.emit('released')
      return opened
    }
  }

  test('that was overtaken by one whose page has expired since does not lead to that page', async () => {
    const order = await newOrder(shop)
    const release = await dawdle(order)
    const sessionId = await clickPayLink(shop, order)
    await shop.world.expireSession({ sessionId })
    await settleCheckoutSession(shop.db, shop.rail, { sessionId, now: new Date(nowMs) })
    const opened = await release()
    const [session] = await shop.world.listSessions({ status: 'open' })
    expect(opened).toEqual({ status: 'redirect', url: session?.url })
  })

  test('that was overtaken by the money leads nobody to pay again', async () => {
    const order = await newOrder(shop)
    const release = await dawdle(order)
    expect(await arriveMoney(shop.db, order)).toMatchObject({ status: 'granted' })
    expect(await release()).toEqual({ status: 'paid' })
  })

  test('that was overtaken by later ones does not bring back an older page', async () => {
    const order = await newOrder(shop)
    const release = await dawdle(order)
    await shop.world.expireSession({ sessionId: await clickPayLink(shop, order) })
    const latest = await open(order)
    expect(await release()).toEqual(latest)
    const [session] = await shop.world.listSessions({ status: 'open' })
    expect(latest).toEqual({ status: 'redirect', url: session?.url })
    const { checkoutSessionId } = await shop.db.order.findUniqueOrThrow({ where: { id: order.id } })
    expect(checkoutSessionId).toBe(session?.id)
  })

  test('later leads to the same page while that is open, and to a fresh one when it has expired', async () => {
    const order = await newOrder(shop)
    const first = await open(order)
    later(60)
    expect(await open(order)).toEqual(first)
    later(24 * 60)
    await shop.world.advanceClock({ seconds: 0 })
    const second = await open(order)
    expect(second.status).toBe('redirect')
    expect(second).not.toEqual(first)
    expect(await shop.world.listSessions({ status: 'open' })).toHaveLength(1)
  })

  test('closes a page that is about to expire, so that never two can be paid', async () => {
    const order = await newOrder(shop)
    const first = await open(order)
    later(24 * 60 - 5)
    const second = await open(order)
    expect(second.status).toBe('redirect')
    expect(second).not.toEqual(first)
    expect(await shop.world.listSessions({ status: 'open' })).toHaveLength(1)
  })

  test('in whose very moment the page that is closed for its age is paid opens no other', async () => {
    const order = await newOrder(shop)
    await open(order)
    later(24 * 60 - 5)
    const closeCheckout: PaymentRail['closeCheckout'] = async (sessionId) => {
      await shop.world.paySession({ sessionId })
      return shop.rail.closeCheckout(sessionId)
    }
    expect(await open(order, { ...shop.rail, closeCheckout })).toEqual({ status: 'paid' })
    expect(await readBooks(shop, order)).toEqual(grantedOnce)
    expect(await shop.world.listSessions()).toHaveLength(1)
  })

  test('after payment shows that it is paid, and grants what no webhook told of', async () => {
    const order = await newOrder(shop)
    await payOrder(shop, order)
    expect(await open(order)).toEqual({ status: 'paid' })
    expect(await readBooks(shop, order)).toEqual(grantedOnce)
    expect(await open(order)).toEqual({ status: 'paid' })
  })

  test('while a slow payment is on its way does not offer to pay twice', async () => {
    const order = await newOrder(shop)
    await shop.world.paySession({ sessionId: await clickPayLink(shop, order), outcome: 'delayed' })
    expect(await open(order)).toEqual({ status: 'pending' })
    expect(await shop.world.listSessions()).toHaveLength(1)
  })

  test('after a slow payment failed opens a fresh page', async () => {
    const order = await newOrder(shop)
    const sessionId = await clickPayLink(shop, order)
    await shop.world.paySession({ sessionId, outcome: 'delayed' })
    await shop.world.settlePayment({ sessionId, succeeds: false })
    expect((await open(order)).status).toBe('redirect')
    expect(await shop.world.listSessions({ status: 'open' })).toHaveLength(1)
  })

  test('with an expired link says so and closes the page that is still open', async () => {
    const order = await newOrder(shop)
    await open(order)
    await shop.db.order.update({ where: { id: order.id }, data: { expiresAt: new Date(nowMs - 1) } })
    expect(await open(order)).toEqual({ status: 'expired' })
    expect(await shop.world.listSessions({ status: 'open' })).toHaveLength(0)
  })

  test('after the owner stopped taking money this way says so, closes the page, and goes on when it is taken again', async () => {
    const order = await newOrder(shop, { priceStars: 250 })
    const sessionId = await clickPayLink(shop, order)
    const takeBy = (value: RailChoice) => changeSetting(shop.db, { key: 'rails', value, updatedBy: 'test' })
    await takeBy('stars')
    expect(await open(order)).toEqual({ status: 'closed' })
    expect((await shop.sdk.checkout.sessions.retrieve(sessionId)).status).toBe('expired')
    await takeBy('both')
    expect(await open(order)).toMatchObject({ status: 'redirect' })
  })

  test('of a buyer who was banned meanwhile closes the page, and takes no money', async () => {
    const order = await newOrder(shop)
    const sessionId = await clickPayLink(shop, order)
    await shop.db.user.update({ where: { id: order.userId }, data: { bannedAt: new Date() } })
    expect(await open(order)).toEqual({ status: 'closed' })
    expect((await shop.sdk.checkout.sessions.retrieve(sessionId)).status).toBe('expired')
    expect(await open(order)).toEqual({ status: 'closed' })
  })

  test('with an expired link that was paid in time shows that it is paid', async () => {
    const order = await newOrder(shop)
    await payOrder(shop, order)
    await shop.db.order.update({ where: { id: order.id }, data: { state: 'expired', expiresAt: new Date(nowMs - 1) } })
    expect(await open(order)).toEqual({ status: 'paid' })
  })

  test.each(['', 'unknown', '\u0000', 'A'.repeat(32), '../../etc', 'x'.repeat(5_000), '\u{1F4B3}', "' OR 1=1 --"])(
    'with a token we never gave is unknown: %#',
    async (token) => {
      await newOrder(shop)
      expect(await openCheckout(shop.db, shop.rail, { token, publicUrl: PUBLIC_URL, now: new Date() })).toEqual({
        status: 'unknown',
      })
    },
  )
})

describe('the customer', () => {
  test('of the first purchase is used again', async () => {
    const first = await newOrder(shop)
    await payOrder(shop, first)
    await open(first)
    const { stripeCustomerId } = await shop.db.user.findUniqueOrThrow({ where: { id: first.userId } })
    const second = await orderAgain(first)
    await open(second)
    const sessions = await shop.world.listSessions({ status: 'open' })
    expect(sessions).toMatchObject([{ customer: stripeCustomerId, customer_creation: null }])
  })

  test('who was deleted at Stripe is forgotten, and the purchase goes on', async () => {
    const order = await newOrder(shop)
    await shop.db.user.update({ where: { id: order.userId }, data: { stripeCustomerId: 'cus_gone' } })
    expect((await open(order)).status).toBe('redirect')
    const user = await shop.db.user.findUniqueOrThrow({ where: { id: order.userId } })
    expect(user.stripeCustomerId).toBeNull()
  })
})

describe('when Stripe', () => {
  test('answers 500, the buyer is asked to try again, and the next click works', async () => {
    const order = await newOrder(shop)
    await shop.world.addApiFault({ kind: 'server_error', path: '/v1/checkout/sessions', method: 'POST', times: 2 })
    expect(await open(order)).toEqual({ status: 'unavailable' })
    expect((await open(order)).status).toBe('redirect')
  })

  test('is slower than a buyer waits, the next click leads to the page that was made meanwhile', async () => {
    const order = await newOrder(shop)
    await shop.world.addApiFault({ kind: 'slow', path: '/v1/checkout/sessions', delayMs: 1_500, times: 2 })
    expect(await open(order, shop.newRail({ timeout: 300 }))).toEqual({ status: 'unavailable' })
    nowMs += 1
    let outcome = await open(order)
    // The same request may still be running over there.
    while (outcome.status === 'unavailable') outcome = await open(order)
    expect(outcome.status).toBe('redirect')
    expect(await shop.world.listSessions()).toHaveLength(1)
  })

  test('does the work and drops the answer, there is still one page', async () => {
    const order = await newOrder(shop)
    await shop.world.addApiFault({ kind: 'drop_after', path: '/v1/checkout/sessions', method: 'POST', times: 2 })
    await open(order)
    expect((await open(order)).status).toBe('redirect')
    expect(await shop.world.listSessions()).toHaveLength(1)
  })

  test('drops the connection while we ask about the open page, the page is kept', async () => {
    const order = await newOrder(shop)
    const first = await open(order)
    await shop.world.addApiFault({ kind: 'drop_before', path: '/v1/checkout/sessions', times: 4 })
    expect(await open(order)).toEqual({ status: 'unavailable' })
    await shop.world.clearApiFaults()
    expect(await open(order)).toEqual(first)
  })

  test('is somebody else who answers 404 with a page of his own, nothing is taken for a success', async () => {
    const proxy = createServer((_request, response) => response.writeHead(404).end('{"message":"not here"}'))
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const { port } = proxy.address() as AddressInfo
    const order = await newOrder(shop)
    expect(await open(order, shop.newRail({ baseUrl: `http://127.0.0.1:${port}` }))).toEqual({ status: 'unavailable' })
    proxy.closeAllConnections()
    await new Promise((resolve) => proxy.close(resolve))
    expect((await open(order)).status).toBe('redirect')
  })

  test('asks another price than the order, nobody is sent to pay it and the team hears of it', async () => {
    const product = await shop.sdk.products.create({ name: '10 credits' })
    const price = await shop.sdk.prices.create({ product: product.id, currency: 'usd', unit_amount: 999 })
    const order = await newOrder(shop, { stripePriceId: price.id })
    expect(await open(order)).toEqual({ status: 'refused' })
    expect(await shop.world.listSessions({ status: 'open' })).toHaveLength(0)
    const books = await readBooks(shop, order)
    expect(books).toEqual({ ...nothingGranted, alerts: ['“10 credits” cannot be sold'] })
  })

  test('does not know the price of a product, the team hears of each one once', async () => {
    const [one, other] = [
      await newOrder(shop, { stripePriceId: 'price_gone' }),
      await newOrder(shop, { stripePriceId: 'price_gone', label: '20 credits' }),
    ]
    for (const order of [one, other, one]) expect(await open(order)).toEqual({ status: 'refused' })
    const alerts = await shop.db.alert.findMany({ orderBy: { title: 'asc' } })
    expect(alerts.map(({ title, severity }) => [title, severity])).toEqual([
      ['“10 credits” cannot be sold', 'urgent'],
      ['“20 credits” cannot be sold', 'urgent'],
    ])
  })

  test('sells at its own stored price when that is the one of the order', async () => {
    const product = await shop.sdk.products.create({ name: '10 credits' })
    const price = await shop.sdk.prices.create({ product: product.id, currency: 'usd', unit_amount: 500 })
    const order = await newOrder(shop, { stripePriceId: price.id })
    await payOrder(shop, order)
    expect(await open(order)).toEqual({ status: 'paid' })
    expect(await readBooks(shop, order)).toEqual(grantedOnce)
  })
})

test('a price in yen is charged in yen', async () => {
  const order = await newOrder(shop, { priceMinor: 450, currency: 'jpy' })
  await payOrder(shop, order)
  expect(await open(order)).toEqual({ status: 'paid' })
  expect(await shop.world.listSessions()).toMatchObject([{ amount_total: 450, currency: 'jpy' }])
})

test('after a change to another Stripe account the pay link opens a page there', async () => {
  const order = await newOrder(shop)
  await shop.db.order.update({ where: { id: order.id }, data: { checkoutSessionId: 'cs_test_elsewhere', attempts: 3 } })
  expect((await open(order)).status).toBe('redirect')
})

async function orderAgain({ userId, productId }: Order): Promise<Order> {
  const outcome = await placeOrder(shop.db, { userId, productId, now: new Date(nowMs) })
  if (outcome.status !== 'placed') throw new Error(outcome.status)
  return outcome.order
}
