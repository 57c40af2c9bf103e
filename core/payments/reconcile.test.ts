import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { checkAgainstStripe, tryCheckAgainstStripe } from '#core/payments/stripe-events/check-against-stripe.ts'
import { fetchMissedEvents } from '#core/payments/stripe-events/fetch-missed-events.ts'
import { recordStripeEvent, stripeEventSchema } from '#core/payments/stripe-events/record-stripe-event.ts'
import type { Order } from '#prisma'
import {
  deliverEvents,
  newOrder,
  newUser,
  openShop,
  payOrder,
  processDueEvents,
  type Shop,
} from '#testing/payments/shop.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(async () => {
  expect(await verifyLedger(shop.database.pool)).toEqual([])
  await shop.close()
})

const HOUR_MS = 3_600_000
const later = (hours: number) => new Date(Date.now() + hours * HOUR_MS)
const creditsOf = async ({ userId }: Pick<Order, 'userId'>) => {
  const { paid, bonus, debt } = await shop.db.account.findUniqueOrThrow({ where: { userId } })
  return [paid, bonus, debt]
}

describe('events that never arrived', () => {
  const fetchMissed = (now = new Date()) => fetchMissedEvents(shop.database, shop.rail, { now })

  test('are fetched, once, and have their effect', async () => {
    const order = await newOrder(shop)
    const sessionId = await payOrder(shop, order)
    await shop.world.refundPayment({ sessionId, amountMinor: 250 })
    const all = await shop.world.listEvents()
    // One came as it should.
    const [arrived] = all
    await recordStripeEvent(shop.database.pool, stripeEventSchema.parse(arrived))
    expect(await fetchMissed()).toEqual({ status: 'read', missed: all.length - 1 })
    await processDueEvents(shop)
    expect(await creditsOf(order)).toEqual([5, 1, 0])
    expect(await fetchMissed()).toEqual({ status: 'read', missed: 0 })
    expect(await shop.db.stripeEvent.count()).toBe(all.length)
  })

  test('are not passed over when Stripe stops answering half way', async () => {
    const order = await newOrder(shop)
    await payOrder(shop, order)
    await shop.world.addApiFault({ kind: 'server_error', path: '/v1/events', times: 10 })
    expect(await fetchMissed()).toEqual({ status: 'cut_short', missed: 0 })
    expect(await shop.db.bookmark.count()).toBe(0)
    await shop.world.clearApiFaults()
    expect(await fetchMissed()).toMatchObject({ status: 'read' })
    await processDueEvents(shop)
    expect(await creditsOf(order)).toEqual([10, 2, 0])
  })

  test('are looked for from where the last reading ended', async () => {
    await fetchMissed(later(2))
    const order = await newOrder(shop)
    await payOrder(shop, order)
    expect(await fetchMissed(later(2))).toEqual({ status: 'read', missed: 0 })
    await shop.db.bookmark.update({ where: { name: 'stripe-events' }, data: { at: new Date() } })
    expect(await fetchMissed()).not.toEqual({ status: 'read', missed: 0 })
  })
})

describe('a webhook that is not heard', () => {
  const MINUTE_MS = 60_000
  const alerts = () => shop.db.alert.findMany({ where: { resolvedAt: null, key: 'stripe-webhook' } })
  /** Reads as if the last reading was five minutes before the payments that follow. */
  async function payAndRead(deliver: boolean) {
    await payOrder(shop, await newOrder(shop))
    if (deliver) await deliverEvents(shop)
    await shop.db.bookmark.update({ where: { name: 'stripe-events' }, data: { at: new Date(Date.now() - MINUTE_MS) } })
    await fetchMissedEvents(shop.database, shop.rail, { now: new Date(Date.now() + 4 * MINUTE_MS) })
  }

  test('is told of, until events arrive by themselves again', async () => {
    await fetchMissedEvents(shop.database, shop.rail, { now: new Date() })
    await payAndRead(false)
    expect(await alerts()).toMatchObject([{ severity: 'warning', title: 'Stripe’s events do not arrive' }])
    await payAndRead(true)
    expect(await alerts()).toEqual([])
  })

  test('is not suspected for what happened before the first reading, nor for what is still on its way', async () => {
    await payOrder(shop, await newOrder(shop))
    await fetchMissedEvents(shop.database, shop.rail, { now: new Date(Date.now() + 4 * MINUTE_MS) })
    await payOrder(shop, await newOrder(shop))
    await shop.db.bookmark.update({ where: { name: 'stripe-events' }, data: { at: new Date(Date.now() - MINUTE_MS) } })
    await fetchMissedEvents(shop.database, shop.rail, { now: new Date() })
    expect(await alerts()).toEqual([])
  })
})

describe('the daily check', () => {
  const check = () => checkAgainstStripe(shop.db, shop.rail, { now: later(2) })
  const openAlerts = () => shop.db.alert.findMany({ where: { resolvedAt: null } })

  test('finds nothing to say where everything agrees, refunds and lost disputes included', async () => {
    const [first, second, third] = [await newOrder(shop), await newOrder(shop), await newOrder(shop)]
    await payOrder(shop, first)
    await shop.world.refundPayment({ sessionId: await payOrder(shop, second), amountMinor: 100 })
    const { id: disputeId } = await shop.world.createDispute({ sessionId: await payOrder(shop, third) })
    await shop.world.closeDispute({ disputeId, outcome: 'lost' })
    await deliverEvents(shop)
    expect(await check()).toEqual({ compared: 3, differences: [] })
    expect(await openAlerts()).toEqual([])
  })

  test('finds nothing to say where a bank took back money that had been refunded already', async () => {
    const order = await newOrder(shop)
    const sessionId = await payOrder(shop, order)
    await shop.world.refundPayment({ sessionId })
    const dispute = await shop.world.createDispute({ sessionId, amountMinor: 125 })
    await shop.world.closeDispute({ disputeId: dispute.id, outcome: 'lost' })
    await deliverEvents(shop)
    expect((await check()).differences).toEqual([])
  })

  test('tells of money that was taken and never booked, until it is', async () => {
    const order = await newOrder(shop)
    await payOrder(shop, order)
    const { differences } = await check()
    expect(differences).toEqual([
      expect.stringMatching(/^\$5\.00 was taken by ch_\w+, but no payment is booked for it\.$/),
    ])
    expect(await openAlerts()).toMatchObject([
      { key: 'payments-differ', severity: 'urgent', title: 'Stripe and the books differ' },
    ])
    await deliverEvents(shop)
    expect((await check()).differences).toEqual([])
    expect(await openAlerts()).toEqual([])
  })

  test('tells of a payment that was booked without money', async () => {
    const userId = await newUser(shop)
    await shop.db.payment.create({
      data: {
        paymentIntentId: 'pi_invented',
        userId,
        amountMinor: 700,
        currency: 'usd',
        livemode: false,
        state: 'quarantined',
      },
    })
    expect((await check()).differences).toEqual(['We booked $7.00 by pi_invented, but Stripe took no such money.'])
  })

  test('tells of amounts that differ', async () => {
    const order = await newOrder(shop)
    await payOrder(shop, order)
    await deliverEvents(shop)
    await shop.db.payment.updateMany({ data: { amountMinor: 501 } })
    expect((await check()).differences).toEqual([
      expect.stringMatching(/^Stripe took \$5\.00 by ch_\w+, we booked \$5\.01\.$/),
    ])
  })

  test('tells of an order that was paid twice, until one of the payments went back', async () => {
    const order = await newOrder(shop)
    await payOrder(shop, order)
    await deliverEvents(shop)
    const copy = await shop.sdk.checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://elsewhere.test',
      client_reference_id: order.id,
      metadata: { order_id: order.id },
      payment_intent_data: { metadata: { order_id: order.id } },
      line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 500, product_data: { name: 'A' } } }],
    })
    await shop.world.paySession({ sessionId: copy.id })
    await deliverEvents(shop)
    expect((await check()).differences).toEqual([
      expect.stringMatching(/^One order was paid more than once and the money was kept: ch_\w+, ch_\w+\.$/),
    ])
    await shop.world.refundPayment({ sessionId: copy.id })
    await deliverEvents(shop)
    expect((await check()).differences).toEqual([])
    expect(await creditsOf(order)).toEqual([10, 2, 0])
  })

  test('books a refund that was missed, and says so', async () => {
    const order = await newOrder(shop)
    const sessionId = await payOrder(shop, order)
    await deliverEvents(shop)
    await shop.world.refundPayment({ sessionId, amountMinor: 250 })
    expect((await check()).differences).toEqual([
      expect.stringMatching(/^A refund of ch_\w+ had been missed and is booked now\.$/),
    ])
    expect(await creditsOf(order)).toEqual([5, 1, 0])
    expect((await check()).differences).toEqual([])
  })

  test('leaves others who sell through the same account alone', async () => {
    const session = await shop.sdk.checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://elsewhere.test',
      line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 500, product_data: { name: 'A' } } }],
    })
    await shop.world.paySession({ sessionId: session.id })
    expect(await check()).toEqual({ compared: 0, differences: [] })
  })

  test('waits for a Stripe that does not answer', async () => {
    await shop.world.addApiFault({ kind: 'rate_limit', path: '/v1/charges', times: 10 })
    expect(await tryCheckAgainstStripe(shop.db, shop.rail, { now: later(2) })).toBeNull()
    expect(await openAlerts()).toEqual([])
  })
})
