import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unlockForCredits } from '#core/content/unlock-for-credits.ts'
import { starsRules } from '#core/ledger/rules-stars.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { closeLeftCheckout } from '#core/payments/checkout/close-left-checkout.ts'
import { placeOrder } from '#core/payments/checkout/place-order.ts'
import { findStarsRefusal } from '#core/payments/stars/judge-stars-checkout.ts'
import { noteStarsSubscription } from '#core/payments/stars/note-stars-subscription.ts'
import { reconcileStars } from '#core/payments/stars/reconcile-stars.ts'
import { setStarsRenewal } from '#core/payments/stars/set-stars-renewal.ts'
import { settleStarsPayment } from '#core/payments/stars/settle-stars-payment.ts'
import { settleStarsRefund } from '#core/payments/stars/settle-stars-refund.ts'
import { starsPayload } from '#core/payments/stars/stars-payload.ts'
import type { StarsPayment, StarsRail, StarsTransaction } from '#core/rails/stars/stars-rail.ts'
import { changeSetting } from '#core/settings/change-setting.ts'
import { changePlan } from '#core/subscriptions/change-subscription.ts'
import type { Order } from '#prisma'
import { newContent } from '#testing/payments/content.ts'
import { giveCredits } from '#testing/payments/recharge.ts'
import {
  clickPayLink,
  deliverEvents,
  grantedOnce,
  newOrder,
  newProduct,
  newUser,
  nothingGranted,
  openShop,
  payOrder,
  readBooks,
  type Shop,
} from '#testing/payments/shop.ts'
import { monthlyCredits, newSubscriber } from '#testing/payments/subscriber.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
  await changeSetting(shop.db, { key: 'rails', value: 'both', updatedBy: 'test' })
})
afterAll(async () => {
  expect(await verifyLedger(shop.database.pool)).toEqual([])
  await shop.close()
})

const PRICE = 250
let charges = 0

function paymentFor(order: Order, given: Partial<StarsPayment> = {}): StarsPayment {
  charges += 1
  const payload = starsPayload(order.id)
  const usual = { chargeId: `stx${charges}`, userId: order.userId, amountStars: PRICE, currency: 'XTR', payload }
  return { ...usual, monthEndsAt: null, ...given }
}

const settle = (payment: StarsPayment) => settleStarsPayment(shop.db, { payment, now: new Date() })
const newStarsOrder = () => newOrder(shop, { priceStars: PRICE })

/** The books of one purchase, without payments and alerts of others. */
async function booksOf(order: Order) {
  const { payments: _, alerts: __, ...books } = await readBooks(shop, order)
  return books
}
const { payments: _, alerts: __, ...granted } = grantedOnce
const { payments: ___, alerts: ____, ...untouched } = nothingGranted

const paymentOf = (chargeId: string) => shop.db.payment.findUniqueOrThrow({ where: { starsChargeId: chargeId } })
const alertOf = (chargeId: string) =>
  shop.db.alert.findUnique({ where: { key: `payment-quarantined:stars:${chargeId}` } })

describe('a payment in Stars', () => {
  test('that is reported twenty times at once grants once', async () => {
    const order = await newStarsOrder()
    const payment = paymentFor(order)
    const settled = await Promise.all(Array.from({ length: 20 }, () => settle(payment)))
    expect(settled.filter(({ status }) => status === 'granted')).toHaveLength(1)
    expect(settled.filter(({ status }) => status === 'settled_before')).toHaveLength(19)
    expect(await booksOf(order)).toEqual(granted)
    expect(await paymentOf(payment.chargeId)).toMatchObject({
      rail: 'stars',
      orderId: order.id,
      amountMinor: PRICE,
      currency: 'xtr',
      grantedPaid: 10,
      grantedBonus: 2,
    })
    const { rail } = await shop.db.order.findUniqueOrThrow({ where: { id: order.id } })
    expect(rail).toBe('stars')
  })

  test('for an order that has expired meanwhile is granted all the same: the Stars are there', async () => {
    const order = await newStarsOrder()
    await shop.db.order.update({ where: { id: order.id }, data: { state: 'expired' } })
    expect(await settle(paymentFor(order))).toMatchObject({ status: 'granted' })
    expect(await booksOf(order)).toEqual(granted)
  })

  test('that races a second one for the same order grants once; the other is kept apart and reported', async () => {
    const order = await newStarsOrder()
    const both = [paymentFor(order), paymentFor(order)]
    const statuses = (await Promise.all(both.map(settle))).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual(['granted', 'quarantined'])
    expect(await booksOf(order)).toEqual(granted)
    const [, kept] = statuses[0] === 'granted' ? both : both.toReversed()
    expect((await alertOf(kept?.chargeId ?? ''))?.severity).toBe('urgent')
  })

  test('for an order that was paid with Stripe is kept apart and reported, and gives nothing', async () => {
    const order = await newStarsOrder()
    await payOrder(shop, order)
    await deliverEvents(shop)
    const payment = paymentFor(order)
    expect(await settle(payment)).toMatchObject({ status: 'quarantined' })
    expect(await booksOf(order)).toEqual(granted)
    expect((await alertOf(payment.chargeId))?.detail).toContain('dealt with by another payment')
  })

  test('closes the page where the same order could be paid with Stripe', async () => {
    const order = await newStarsOrder()
    const sessionId = await clickPayLink(shop, order)
    await settle(paymentFor(order))
    await closeLeftCheckout(shop.db, shop.rail, { orderId: order.id })
    expect((await shop.sdk.checkout.sessions.retrieve(sessionId)).status).toBe('expired')
  })

  test('leaves a Stripe payment for the same order to be kept apart', async () => {
    const order = await newStarsOrder()
    await payOrder(shop, order)
    await settle(paymentFor(order))
    await deliverEvents(shop)
    expect(await booksOf(order)).toEqual(granted)
    const states = await shop.db.payment.findMany({ where: { orderId: order.id }, orderBy: { createdAt: 'asc' } })
    expect(states.map(({ rail, state }) => [rail, state])).toEqual([
      ['stars', 'granted'],
      ['stripe', 'quarantined'],
    ])
  })

  const wrong: [string, Partial<StarsPayment>, string, 'open' | 'quarantined'][] = [
    ['of too few Stars', { amountStars: PRICE - 1 }, 'the order costs 250', 'quarantined'],
    ['of too many Stars', { amountStars: PRICE + 1 }, 'the order costs 250', 'quarantined'],
    ['in another currency', { currency: 'USD' }, 'not Stars', 'quarantined'],
    ['that is a month of something', { monthEndsAt: new Date() }, 'the order is none', 'quarantined'],
    ['with a payload of somebody else', { payload: 'premium' }, 'no order of ours', 'open'],
    ['with a payload that is nearly ours', { payload: 'order:1' }, 'no order of ours', 'open'],
    [
      'that names an order nobody placed',
      { payload: starsPayload('0190c1f0-0000-7000-8000-000000000000') },
      'no order of ours',
      'open',
    ],
  ]
  test.each(wrong)('%s gives nothing, is kept and reported', async (_what, given, reason, state) => {
    const order = await newStarsOrder()
    const payment = paymentFor(order, given)
    expect(await settle(payment)).toMatchObject({ status: 'quarantined' })
    expect(await settle(payment)).toEqual({ status: 'settled_before', state: 'quarantined' })
    expect(await booksOf(order)).toEqual({ ...untouched, state })
    expect(await paymentOf(payment.chargeId)).toMatchObject({ state: 'quarantined', userId: order.userId })
    expect((await alertOf(payment.chargeId))?.detail).toContain(reason)
  })

  test('of somebody else for my order gives nobody anything and leaves my order for sale', async () => {
    const order = await newStarsOrder()
    const payment = paymentFor(order, { userId: await newUser(shop) })
    expect(await settle(payment)).toMatchObject({ status: 'quarantined' })
    expect(await booksOf(order)).toEqual(untouched)
    expect(await shop.db.ledgerEntry.count({ where: { userId: payment.userId } })).toBe(0)
  })
})

test('a list in which a known payment stands once more does not bring back somebody who stopped the bot', async () => {
  const order = await newStarsOrder()
  const { userId, chargeId, amountStars, payload } = paymentFor(order)
  const listed: StarsTransaction = {
    direction: 'in',
    chargeId,
    amountStars,
    at: new Date(),
    payer: { id: Number(userId), firstName: 'Known from the list', lastName: null, username: null, languageCode: null },
    payload,
    periodSeconds: null,
  }
  const rail: Pick<StarsRail, 'listTransactionsSince'> = {
    async *listTransactionsSince() {
      yield listed
    },
  }
  const reconcile = () => reconcileStars(shop.db, rail, { now: new Date() })
  expect(await reconcile()).toEqual({ payments: 1, refunds: 0 })
  const gone = { firstName: '', blockedAt: new Date(), erasedAt: new Date() }
  await shop.db.user.update({ where: { id: userId }, data: gone })
  expect(await reconcile()).toEqual({ payments: 0, refunds: 0 })
  expect(await shop.db.user.findUnique({ where: { id: userId } })).toMatchObject(gone)
})

test('what was bought otherwise meanwhile is not given again: the Stars are kept apart, to be given back', async () => {
  const userId = await newUser(shop)
  const content = await newContent(shop.db)
  const product = await shop.db.product.update({ where: { contentId: content.id }, data: { priceStars: PRICE } })
  const placed = await placeOrder(shop.db, { userId, productId: product.id, now: new Date() })
  if (placed.status !== 'placed') throw new Error(placed.status)
  await giveCredits(shop, userId, 50)
  const wish = { contentId: content.id, userId, cost: 50, now: new Date() }
  expect(await unlockForCredits(shop.db, wish)).toMatchObject({ status: 'unlocked' })
  const payment = paymentFor(placed.order)
  expect(await settle(payment)).toMatchObject({ status: 'quarantined' })
  expect(await paymentOf(payment.chargeId)).toMatchObject({ state: 'quarantined' })
  expect(await alertOf(payment.chargeId)).not.toBeNull()
})

test('the list of Stars is read again from an hour before the last reading', async () => {
  const asked: Date[] = []
  const rail: Pick<StarsRail, 'listTransactionsSince'> = {
    async *listTransactionsSince(since) {
      asked.push(since)
      yield* []
    },
  }
  const now = new Date(Date.now() + 3_600_000)
  await reconcileStars(shop.db, rail, { now })
  await reconcileStars(shop.db, rail, { now })
  expect(asked.at(-1)).toEqual(new Date(now.getTime() - 3_600_000))
})

describe('a subscription in Stars', () => {
  const monthly = { kind: 'subscription', label: 'Club', amount: 30, bonus: 0, priceStars: PRICE } as const
  const month = (n: number) => new Date(Date.UTC(2030, 0, 1) + n * 30 * 86_400_000)
  const subscriptionOf = (order: Order) =>
    shop.db.subscription.findUniqueOrThrow({ where: { id: `stars:${order.id}` }, include: { payments: true } })

  async function newMonthlyOrder(gives: 'credits' | 'access'): Promise<Order> {
    const [userId, product] = await Promise.all([newUser(shop), newProduct(shop, { ...monthly, gives })])
    const placed = await placeOrder(shop.db, { userId, productId: product.id, now: new Date() })
    if (placed.status !== 'placed') throw new Error(placed.status)
    return placed.order
  }

  test('grants one month for each payment, each once', async () => {
    const order = await newMonthlyOrder('credits')
    const months = [1, 2, 3].map((n) => paymentFor(order, { monthEndsAt: month(n) }))
    for (const payment of months) await Promise.all([settle(payment), settle(payment), settle(payment)])
    const { paid, entries } = await booksOf(order)
    expect({ paid, entries }).toEqual({ paid: 90, entries: Array.from({ length: 3 }, () => ['purchase', 30]) })
    expect(await subscriptionOf(order)).toMatchObject({ status: 'active', currentPeriodEnd: month(3), rail: 'stars' })
  })

  test('is refused to whoever came to the same by card since the offer was made', async () => {
    const { userId, subscriptionId } = await newSubscriber(shop)
    const product = await newProduct(shop, { ...monthlyCredits, label: 'More', priceMinor: 1500, priceStars: PRICE })
    const now = new Date()
    const placed = await placeOrder(shop.db, { userId, productId: product.id, now })
    if (placed.status !== 'placed') throw new Error(placed.status)
    const payload = starsPayload(placed.order.id)
    const checkout = { userId: Number(userId), payload, amountStars: PRICE, currency: 'XTR' }
    expect(await findStarsRefusal(shop.database.pool, { checkout, now })).toBeNull()
    await changePlan(shop.db, shop.rail, { userId, subscriptionId, productId: product.id, now })
    expect(await findStarsRefusal(shop.database.pool, { checkout, now })).toBe('paid')
  })

  test('whose months are told out of order and at once grants them all, and ends when the last one does', async () => {
    const order = await newMonthlyOrder('credits')
    const months = [3, 1, 2].map((n) => paymentFor(order, { monthEndsAt: month(n) }))
    await Promise.all(months.map(settle))
    expect((await booksOf(order)).paid).toBe(90)
    const { currentPeriodEnd, payments } = await subscriptionOf(order)
    expect(currentPeriodEnd).toEqual(month(3))
    expect(payments.filter(({ orderId }) => orderId !== null)).toHaveLength(1)
  })

  test('is stopped by whose it is alone, by the payment that began it', async () => {
    const order = await newMonthlyOrder('credits')
    const [first, second] = [1, 2].map((n) => paymentFor(order, { monthEndsAt: month(n) }))
    if (!first || !second) throw new Error('no payments')
    await settle(first)
    await settle(second)
    const asked: string[] = []
    const rail: Pick<StarsRail, 'setRenewal'> = {
      setRenewal: async ({ chargeId }) => {
        asked.push(chargeId)
        return 'done'
      },
    }
    const stop = (userId: bigint) => setStarsRenewal(shop.db, rail, { orderId: order.id, userId, renews: false })
    expect(await stop(await newUser(shop))).toEqual({ status: 'over' })
    expect(asked).toEqual([])
    expect(await stop(order.userId)).toMatchObject({ status: 'set' })
    expect(asked).toEqual([first.chargeId])
    expect(await subscriptionOf(order)).toMatchObject({ cancelAtPeriodEnd: true })
  })

  test('is not touched by what is told of somebody else', async () => {
    const order = await newMonthlyOrder('credits')
    const payment = paymentFor(order, { monthEndsAt: month(1) })
    await settle(payment)
    const { payload } = payment
    for (const state of ['canceled', 'failed']) {
      await noteStarsSubscription(shop.db, { userId: await newUser(shop), payload, state, now: new Date() })
    }
    expect(await subscriptionOf(order)).toMatchObject({ status: 'active', cancelAtPeriodEnd: false, endedAt: null })
  })

  test('for access gives thirty days with each payment, and at first a little more for a renewal that comes late', async () => {
    const order = await newMonthlyOrder('access')
    await settle(paymentFor(order, { monthEndsAt: month(1) }))
    await settle(paymentFor(order, { monthEndsAt: month(2) }))
    expect((await booksOf(order)).entries).toEqual([
      ['purchase', 2_592_000 + 10_800],
      ['purchase', 2_592_000],
    ])
  })

  test.each([
    ['a month that nobody booked', `DELETE FROM ledger_entries WHERE ref LIKE 'stars:%'`],
    ['a month that nobody paid for', `DELETE FROM payments WHERE rail = 'stars'`],
  ])('%s is found by whoever proves the books', async (_what, sql) => {
    const order = await newMonthlyOrder('credits')
    for (const n of [1, 2]) await settle(paymentFor(order, { monthEndsAt: month(n) }))
    const client = await shop.database.pool.connect()
    await client.query('BEGIN')
    await client.query(`SET LOCAL session_replication_role = replica; ${sql}`)
    const findings = await verifyLedger(client)
    await client.query('ROLLBACK')
    client.release()
    const rules = starsRules.map(({ rule }) => rule)
    expect(findings.filter(({ rule }) => rules.includes(rule))).toHaveLength(1)
  })

  test('whose further month is given back takes from the statistics what that month added', async () => {
    const order = await newMonthlyOrder('credits')
    const months = [1, 2].map((n) => paymentFor(order, { monthEndsAt: month(n) }))
    for (const payment of months) await settle(payment)
    await settleStarsRefund(shop.db, { chargeId: months[1]?.chargeId ?? '', now: new Date() })
    const { spentMinor, purchases } = await shop.db.user.findUniqueOrThrow({ where: { id: order.userId } })
    expect({ spentMinor, purchases }).toEqual({ spentMinor: 500n, purchases: 1 })
  })

  test('with another price than agreed is kept apart', async () => {
    const order = await newMonthlyOrder('credits')
    await settle(paymentFor(order, { monthEndsAt: month(1) }))
    const cheaper = paymentFor(order, { monthEndsAt: month(2), amountStars: 1 })
    expect(await settle(cheaper)).toMatchObject({ status: 'quarantined' })
    expect((await booksOf(order)).paid).toBe(30)
  })
})
