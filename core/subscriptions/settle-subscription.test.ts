import { randomBytes, randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { openCheckout } from '#core/payments/checkout/open-checkout.ts'
import { placeOrder } from '#core/payments/checkout/place-order.ts'
import { settleCheckoutSession } from '#core/payments/checkout/settle-checkout-session.ts'
import { recordStripeEvent, stripeEventSchema } from '#core/payments/stripe-events/record-stripe-event.ts'
import { changeSetting } from '#core/settings/change-setting.ts'
import { reconcileSubscriptions } from '#core/subscriptions/reconcile-subscriptions.ts'
import { settleSubscription } from '#core/subscriptions/settle-subscription.ts'
import type { Order } from '#prisma'
import {
  clickPayLink,
  deliverEvents,
  newOrder,
  newProduct,
  newUser,
  openShop,
  PUBLIC_URL,
  processDueEvents,
  type Shop,
} from '#testing/payments/shop.ts'
import {
  monthlyAccess,
  monthlyCredits,
  newSubscriber,
  orderSubscription,
  passDays,
  passPeriod,
  payFirstMonth,
  readSubscriptionBooks,
} from '#testing/payments/subscriber.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(async () => {
  expect(await verifyLedger(shop.database.pool)).toEqual([])
  await shop.close()
})

const books = (userId: bigint) => readSubscriptionBooks(shop, userId)
const running = { status: 'active', ends: false, isOver: false }

describe('the first month', () => {
  test('is granted once and said, whoever hears of it first and however often', async () => {
    const { order, userId, sessionId, subscriptionId } = await payFirstMonth(shop, await orderSubscription(shop))
    const now = new Date()
    await Promise.all([
      deliverEvents(shop),
      settleCheckoutSession(shop.db, shop.rail, { sessionId, now }),
      settleSubscription(shop.db, shop.rail, { subscriptionId, now }),
      settleSubscription(shop.db, shop.rail, { subscriptionId, now }),
    ])
    await deliverEvents(shop)
    expect(await books(userId)).toMatchObject({
      subscriptions: [running],
      paid: 30,
      bonus: 3,
      payments: ['granted'],
      notices: ['sub-begun-credits'],
      alerts: [],
    })
    expect(await shop.db.order.findUniqueOrThrow({ where: { id: order.id } })).toMatchObject({ state: 'granted' })
    const user = await shop.db.user.findUniqueOrThrow({ where: { id: userId } })
    expect(user).toMatchObject({ purchases: 1, spentMinor: 900n, stripeCustomerId: expect.stringMatching(/^cus_/) })
  })

  test('brings what it says and no bonus for loyalty, which is for credits that are bought', async () => {
    await changeSetting(shop.db, { key: 'loyaltyPercent', value: { new: 50, regular: 50, vip: 50 }, updatedBy: 'test' })
    const { userId } = await newSubscriber(shop)
    expect(await books(userId)).toMatchObject({ paid: 30, bonus: 3 })
  })

  test('is seen by the landing page even when no webhook ever comes', async () => {
    const { userId, sessionId, order } = await payFirstMonth(shop, await orderSubscription(shop))
    const settle = () => settleCheckoutSession(shop.db, shop.rail, { sessionId, now: new Date() })
    expect(await settle()).toEqual({ status: 'granted', orderId: order.id })
    expect(await settle()).toEqual({ status: 'settled_before', state: 'granted' })
    expect((await books(userId)).paid).toBe(30)
  })

  test('of access opens the chat until the period ends, and a little longer', async () => {
    const { userId, subscriptionId } = await newSubscriber(shop, monthlyAccess)
    const { passUntil, notices } = await books(userId)
    const { currentPeriodEnd } = await shop.db.subscription.findUniqueOrThrow({ where: { id: subscriptionId } })
    const beyondMs = Number(passUntil) - Number(currentPeriodEnd)
    expect(beyondMs).toBeGreaterThan(2 * HOUR_MS)
    expect(beyondMs).toBeLessThan(4 * HOUR_MS)
    expect(notices).toEqual(['sub-begun-access'])
  })
})

describe('a renewal', () => {
  test('grants each month once, with the terms of the order though the product changed', async () => {
    const { userId, order } = await newSubscriber(shop)
    await shop.db.product.update({ where: { id: order.productId }, data: { amount: 1, priceMinor: 1 } })
    await passDays(shop, 95)
    await deliverEvents(shop)
    await deliverEvents(shop)
    expect(await books(userId)).toMatchObject({
      paid: 120,
      bonus: 12,
      payments: ['granted', 'granted', 'granted', 'granted'],
      notices: ['sub-begun-credits', 'sub-renewed-credits', 'sub-renewed-credits', 'sub-renewed-credits'],
    })
  })

  test('of access prolongs the pass by the month, without a gap and on top of time bought otherwise', async () => {
    const { userId } = await newSubscriber(shop, monthlyAccess)
    const before = await books(userId)
    await passDays(shop, 65)
    await deliverEvents(shop)
    const after = await books(userId)
    const addedDays = (Number(after.passUntil) - Number(before.passUntil)) / DAY_MS
    expect(addedDays).toBeGreaterThan(58.9)
    expect(addedDays).toBeLessThan(62.1)
  })

  test('that no webhook told of is found by looking', async () => {
    const { userId } = await newSubscriber(shop)
    await passDays(shop, 33)
    const later = new Date(Date.now() + 33 * DAY_MS)
    expect(await reconcileSubscriptions(shop.db, shop.rail, { now: later })).toBe(1)
    expect((await books(userId)).paid).toBe(60)
    expect(await reconcileSubscriptions(shop.db, shop.rail, { now: later })).toBe(0)
  })
})

describe('a renewal that fails', () => {
  test('is told once for each try, and ends with the subscription', async () => {
    const { userId, subscriptionId } = await newSubscriber(shop, {}, 'declined')
    await passPeriod(shop, subscriptionId)
    await deliverEvents(shop)
    await deliverEvents(shop)
    expect(await books(userId)).toMatchObject({
      subscriptions: [{ status: 'past_due' }],
      paid: 30,
      notices: ['sub-begun-credits', 'sub-failed'],
    })
    await passDays(shop, 3)
    await deliverEvents(shop)
    await passDays(shop, 13)
    await deliverEvents(shop)
    expect(await books(userId)).toMatchObject({
      subscriptions: [{ status: 'canceled', isOver: true }],
      paid: 30,
      notices: ['sub-begun-credits', 'sub-failed', 'sub-failed', 'sub-ended-unpaid'],
    })
  })

  test('and is paid after all grants the month', async () => {
    const { userId, customerId, subscriptionId } = await newSubscriber(shop, {}, 'insufficient_funds')
    await passPeriod(shop, subscriptionId)
    await deliverEvents(shop)
    await shop.world.setSavedCardBehaviour({ customerId, behaviour: 'succeeds' })
    await passDays(shop, 4)
    await deliverEvents(shop)
    expect(await books(userId)).toMatchObject({
      subscriptions: [running],
      paid: 60,
      notices: ['sub-begun-credits', 'sub-failed', 'sub-renewed-credits'],
    })
  })
})

describe('money that does not fit', () => {
  async function quarantined(change: { priceMinor?: number; currency?: string; kind?: 'credits' }) {
    const subscriber = await payFirstMonth(shop, await orderSubscription(shop))
    await shop.db.order.update({ where: { id: subscriber.order.id }, data: change })
    await deliverEvents(shop)
    expect(await books(subscriber.userId)).toMatchObject({
      paid: 0,
      payments: ['quarantined'],
      notices: [],
      alerts: ['A payment was not granted'],
    })
    // The pay link must not take the money once more.
    expect(await shop.db.order.findUniqueOrThrow({ where: { id: subscriber.order.id } })).toMatchObject({
      state: 'quarantined',
    })
  }

  test('because of its amount is kept apart and reported', () => quarantined({ priceMinor: 901 }))
  test('because of its currency is kept apart and reported', () => quarantined({ currency: 'eur' }))
  test('because the order is no subscription is kept apart and reported', () => quarantined({ kind: 'credits' }))

  test('because it is live money under a test key is kept apart and reported', async () => {
    const { userId, subscriptionId } = await payFirstMonth(shop, await orderSubscription(shop))
    const live = shop.newRail({ apiKey: 'sk_live_x' })
    const rail = { ...shop.rail, livemode: live.livemode }
    await settleSubscription(shop.db, rail, { subscriptionId, now: new Date() })
    expect(await books(userId)).toMatchObject({ paid: 0, payments: ['quarantined'] })
  })

  /** Puts it on another price within the month, as somebody may do at Stripe; the difference is settled at once. */
  async function repriceAtStripe(subscriptionId: string, unit_amount: number) {
    const [item] = (await shop.sdk.subscriptions.retrieve(subscriptionId)).items.data
    const { id: product } = await shop.sdk.products.create({ name: 'Another plan' })
    const recurring = { interval: 'month' } as const
    const { id: price } = await shop.sdk.prices.create({ product, currency: 'usd', unit_amount, recurring })
    const items = [{ id: item?.id ?? '', price }]
    await shop.sdk.subscriptions.update(subscriptionId, { items, proration_behavior: 'always_invoice' })
    await deliverEvents(shop)
  }

  test('because it is the difference after a change within the month is kept apart, though it is the price of a month', async () => {
    const { userId, subscriptionId } = await newSubscriber(shop)
    await repriceAtStripe(subscriptionId, 1800)
    const payments = await shop.db.payment.findMany({ where: { userId }, orderBy: { createdAt: 'asc' } })
    expect(payments.map(({ amountMinor }) => amountMinor)).toEqual([900, 900])
    expect(await books(userId)).toMatchObject({
      paid: 30,
      payments: ['granted', 'quarantined'],
      notices: ['sub-begun-credits'],
      alerts: ['A payment was not granted'],
    })
  })

  test('is not seen in a change within the month that costs nothing', async () => {
    const { userId, subscriptionId } = await newSubscriber(shop)
    await repriceAtStripe(subscriptionId, 900)
    expect(await shop.sdk.invoices.list({ subscription: subscriptionId })).toMatchObject({
      data: [{ billing_reason: 'subscription_update', status: 'paid', amount_paid: 0 }, { amount_paid: 900 }],
    })
    expect(await books(userId)).toMatchObject({ paid: 30, payments: ['granted'], alerts: [] })
  })

  test('because a first month was free at Stripe is reported', async () => {
    const { userId, subscriptionId } = await payFirstMonth(shop, await orderSubscription(shop))
    const free = { amountPaidMinor: 0, paymentId: null }
    const find: typeof shop.rail.subscriptions.find = async (id) => {
      const found = await shop.rail.subscriptions.find(id)
      return found && { ...found, invoices: found.invoices.map((invoice) => ({ ...invoice, ...free })) }
    }
    const rail = { ...shop.rail, subscriptions: { ...shop.rail.subscriptions, find } }
    await settleSubscription(shop.db, rail, { subscriptionId, now: new Date() })
    expect(await books(userId)).toMatchObject({
      paid: 0,
      payments: ['quarantined'],
      alerts: ['A payment was not granted'],
    })
  })

  /** The subscription is written at Stripe as if it had another order, and a month passes. */
  async function renewNaming(orderId: string) {
    const { userId, subscriptionId } = await newSubscriber(shop)
    await shop.sdk.subscriptions.update(subscriptionId, { metadata: { order_id: orderId } })
    await passPeriod(shop, subscriptionId)
    await deliverEvents(shop)
    expect(await books(userId)).toMatchObject({
      paid: 30,
      payments: ['granted', 'quarantined'],
      notices: ['sub-begun-credits'],
      alerts: ['A payment was not granted'],
    })
  }

  test('because it names an order that does not exist is kept apart as money of whose subscription it is', () =>
    renewNaming(randomUUID()))

  test('because it names the order of somebody else is kept apart, and the order stays good for who made it', async () => {
    const theirs = await orderSubscription(shop)
    await renewNaming(theirs.id)
    await payFirstMonth(shop, theirs)
    await deliverEvents(shop)
    expect(await books(theirs.userId)).toMatchObject({ paid: 30, payments: ['granted'] })
  })

  test('and a one-time payment for a subscription, too', async () => {
    const order = await newOrder(shop)
    const sessionId = await clickPayLink(shop, order)
    await shop.db.order.update({ where: { id: order.id }, data: { kind: 'subscription', gives: 'credits' } })
    await shop.world.paySession({ sessionId })
    await deliverEvents(shop)
    expect(await books(order.userId)).toMatchObject({ paid: 0, payments: ['quarantined'], alerts: [expect.anything()] })
  })

  test('a subscription that somebody else sells through the account is left alone', async () => {
    const session = await shop.sdk.checkout.sessions.create({
      mode: 'subscription',
      success_url: 'https://other.example',
      line_items: [
        {
          quantity: 1,
          price_data: {
            currency: 'usd',
            unit_amount: 900,
            recurring: { interval: 'month' },
            product_data: { name: 'Other' },
          },
        },
      ],
    })
    await shop.world.paySession({ sessionId: session.id })
    await passDays(shop, 40)
    await deliverEvents(shop)
    expect(await shop.db.subscription.count()).toBe(0)
    expect(await shop.db.payment.count()).toBe(0)
    expect(await shop.db.stripeEvent.count({ where: { processedAt: null } })).toBe(0)
  })
})

describe('one live subscription per product and user', () => {
  const orderAgain = (order: Order) =>
    shop.db.order.create({ data: { ...order, id: randomUUID(), token: randomBytes(24).toString('base64url') } })

  test('is all that is sold: another order leads to it, and an old pay link to its page', async () => {
    const product = await newProduct(shop, monthlyCredits)
    const userId = await newUser(shop)
    const place = () => placeOrder(shop.db, { userId, productId: product.id, now: new Date() })
    const first = await place()
    if (first.status !== 'placed') throw new Error(first.status)
    // An order from before a change of price: its link was handed out and is still good.
    const second = await orderAgain(first.order)
    const open = await clickPayLink(shop, second)
    await payFirstMonth(shop, first.order)
    await deliverEvents(shop)
    expect((await place()).status).toBe('subscribed')
    const opened = await openCheckout(shop.db, shop.rail, {
      token: second.token,
      publicUrl: PUBLIC_URL,
      now: new Date(),
    })
    expect(opened).toMatchObject({ status: 'redirect', url: expect.stringContaining('/p/session/') })
    expect(await shop.world.listSessions({ status: 'expired' })).toMatchObject([{ id: open }])
  })

  test('is all that is granted: a page that was paid before is looked at, and not left behind', async () => {
    const first = await orderSubscription(shop)
    const second = await orderAgain(first)
    await shop.world.paySession({ sessionId: await clickPayLink(shop, second) })
    const { sessionId } = await payFirstMonth(shop, first)
    await settleCheckoutSession(shop.db, shop.rail, { sessionId, now: new Date() })
    const link = { token: second.token, publicUrl: PUBLIC_URL, now: new Date() }
    expect(await openCheckout(shop.db, shop.rail, link)).toEqual({ status: 'quarantined' })
    expect(await books(first.userId)).toMatchObject({ paid: 30, alerts: ['A payment was not granted'] })
  })

  test('is all that is granted, though two were paid at the same moment', async () => {
    const first = await orderSubscription(shop)
    const second = await orderAgain(first)
    const sessions = [await clickPayLink(shop, first), await clickPayLink(shop, second)]
    for (const sessionId of sessions) await shop.world.paySession({ sessionId })
    const now = new Date()
    const settleAll = () =>
      Promise.allSettled(sessions.map((sessionId) => settleCheckoutSession(shop.db, shop.rail, { sessionId, now })))
    await settleAll()
    await settleAll()
    await deliverEvents(shop)
    const { subscriptions, paid, payments, alerts } = await books(first.userId)
    expect([subscriptions, paid, alerts]).toEqual([[running], 30, ['A payment was not granted']])
    expect(payments.toSorted()).toEqual(['granted', 'quarantined'])
  })

  test('is over once it ended, and may begin anew', async () => {
    const { userId, order, subscriptionId } = await newSubscriber(shop)
    await shop.sdk.subscriptions.cancel(subscriptionId)
    await deliverEvents(shop)
    expect((await books(userId)).notices.at(-1)).toBe('sub-ended')
    const again = await placeOrder(shop.db, { userId, productId: order.productId, now: new Date() })
    if (again.status !== 'placed') throw new Error(again.status)
    await payFirstMonth(shop, again.order)
    await deliverEvents(shop)
    expect((await books(userId)).paid).toBe(60)
  })
})

test('somebody who was forgotten is not written to when the subscription ends', async () => {
  const { userId, customerId } = await newSubscriber(shop)
  await shop.db.user.update({ where: { id: userId }, data: { erasedAt: new Date() } })
  await shop.rail.cards.deleteCustomer(customerId)
  await deliverEvents(shop)
  expect(await books(userId)).toMatchObject({
    subscriptions: [{ status: 'canceled', isOver: true }],
    notices: ['sub-begun-credits'],
  })
})

describe('money that goes back', () => {
  test('takes back what its month brought, and only that', async () => {
    const { userId, subscriptionId } = await newSubscriber(shop)
    await passPeriod(shop, subscriptionId)
    await deliverEvents(shop)
    const [, second] = await shop.db.payment.findMany({ where: { userId }, orderBy: { createdAt: 'asc' } })
    const paymentIntentId = second?.paymentIntentId ?? 'none'
    await shop.world.refundPayment({ paymentIntentId, amountMinor: 300 })
    await deliverEvents(shop)
    expect(await books(userId)).toMatchObject({ paid: 50, bonus: 5 })
    await shop.world.refundPayment({ paymentIntentId })
    await deliverEvents(shop)
    expect(await books(userId)).toMatchObject({ subscriptions: [running], paid: 30, bonus: 3, alerts: [] })
  })

  test('before anybody told of its month takes back what the month brings', async () => {
    const { userId } = await payFirstMonth(shop, await orderSubscription(shop))
    const [charge] = (await shop.sdk.charges.list({ limit: 1 })).data
    await shop.sdk.refunds.create({ charge: charge?.id ?? '' })
    for (const event of await shop.world.listEvents({ type: 'refund.created' }))
      await recordStripeEvent(shop.database.pool, stripeEventSchema.parse(event))
    await processDueEvents(shop)
    expect(await books(userId)).toMatchObject({ subscriptions: [running], paid: 0, bonus: 0 })
    await deliverEvents(shop)
    expect(await books(userId)).toMatchObject({ subscriptions: [running], paid: 0, bonus: 0 })
  })

  test('is frozen while a bank looks at it, and given again when it stays', async () => {
    const { userId } = await newSubscriber(shop)
    const [payment] = await shop.db.payment.findMany({ where: { userId } })
    const dispute = await shop.world.createDispute({ paymentIntentId: payment?.paymentIntentId ?? 'none' })
    await deliverEvents(shop)
    expect(await books(userId)).toMatchObject({ paid: 0, bonus: 0 })
    await shop.world.closeDispute({ disputeId: dispute.id, outcome: 'won' })
    await deliverEvents(shop)
    expect(await books(userId)).toMatchObject({ paid: 30, bonus: 3 })
  })
})
