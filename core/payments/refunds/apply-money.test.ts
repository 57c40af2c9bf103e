import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postEntry } from '#core/ledger/post-entry.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { placeOrder } from '#core/payments/checkout/place-order.ts'
import { applyMoney } from '#core/payments/refunds/apply-money.ts'
import { recordStripeEvent, stripeEventSchema } from '#core/payments/stripe-events/record-stripe-event.ts'
import type { TakenMoney } from '#core/rails/books-rail.ts'
import { changeSetting } from '#core/settings/change-setting.ts'
import type { Order } from '#prisma'
import {
  deliverEvents,
  newOrder,
  newProduct,
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

/** A granted order of ten credits and two on top for five dollars. */
async function boughtOrder(given: Parameters<typeof newOrder>[1] = {}) {
  const order = await newOrder(shop, given)
  const sessionId = await payOrder(shop, order)
  await deliverEvents(shop)
  return { order, sessionId }
}

async function booksOf({ userId }: Pick<Order, 'userId'>) {
  const { db } = shop
  const account = await db.account.findUniqueOrThrow({ where: { userId } })
  const user = await db.user.findUniqueOrThrow({ where: { id: userId } })
  return { credits: [account.paid, account.bonus, account.debt], spent: user.spentMinor, purchases: user.purchases }
}

const spend = (userId: bigint, paid: number) =>
  postEntry(shop.db, {
    userId,
    kind: 'adjustment',
    ref: `spent:${userId}:${paid}`,
    paidDelta: -paid,
    contra: 'corrections',
    actor: 'system',
  })

const noticesTo = async (userId: bigint) =>
  (await shop.db.outboxItem.findMany({ where: { userId, purpose: 'notice' }, orderBy: { id: 'asc' } })).map(
    ({ payload }) => (payload as { text: string }).text,
  )

const newsToTeam = async () =>
  (await shop.db.outboxItem.findMany({ where: { purpose: 'alert' }, orderBy: { id: 'asc' } })).map(
    ({ payload }) => payload as { title: string; detail: string; severity: string },
  )

const redeliverAll = async () => {
  await shop.db.stripeEvent.updateMany({ data: { processedAt: null, nextAttemptAt: null } })
  await deliverEvents(shop)
}

describe('refunds', () => {
  test('in parts add up and are told once each, however often the events come', async () => {
    const { order, sessionId } = await boughtOrder()
    await shop.world.refundPayment({ sessionId, amountMinor: 150 })
    await deliverEvents(shop)
    expect(await booksOf(order)).toEqual({ credits: [7, 2, 0], spent: 350n, purchases: 1 })
    await shop.world.refundPayment({ sessionId, amountMinor: 100 })
    await deliverEvents(shop)
    expect(await booksOf(order)).toEqual({ credits: [5, 1, 0], spent: 250n, purchases: 1 })
    await redeliverAll()
    await shop.world.refundPayment({ sessionId })
    await deliverEvents(shop)
    await redeliverAll()
    expect(await booksOf(order)).toEqual({ credits: [0, 0, 0], spent: 0n, purchases: 0 })
    expect(await noticesTo(order.userId)).toEqual(['buy-paid-credits', 'refund-made', 'refund-made', 'refund-made'])
    expect((await newsToTeam()).map(({ title }) => title)).toEqual([
      '$1.50 refunded',
      '$1.00 refunded',
      '$2.50 refunded',
    ])
  })

  test('after spending leave a debt, which the next purchase settles', async () => {
    const { order, sessionId } = await boughtOrder()
    await spend(order.userId, 7)
    await shop.world.refundPayment({ sessionId })
    await deliverEvents(shop)
    expect(await booksOf(order)).toMatchObject({ credits: [0, 0, 7] })
    const again = await placeOrder(shop.db, { userId: order.userId, productId: order.productId, now: new Date() })
    if (again.status !== 'placed') throw new Error(again.status)
    await payOrder(shop, again.order)
    await deliverEvents(shop)
    expect(await booksOf(order)).toMatchObject({ credits: [3, 2, 0] })
  })

  test('that fail later give back what they took, and can be made anew', async () => {
    const { order, sessionId } = await boughtOrder()
    await spend(order.userId, 4)
    const refund = await shop.world.refundPayment({ sessionId })
    await deliverEvents(shop)
    expect(await booksOf(order)).toEqual({ credits: [0, 0, 4], spent: 0n, purchases: 0 })
    await shop.world.failRefund({ refundId: refund.id })
    await deliverEvents(shop)
    await redeliverAll()
    expect(await booksOf(order)).toEqual({ credits: [6, 2, 0], spent: 500n, purchases: 1 })
    expect((await newsToTeam()).map(({ title }) => title)).toEqual(['$5.00 refunded', 'A refund of $5.00 failed'])
    expect(await noticesTo(order.userId)).toEqual(['buy-paid-credits', 'refund-made', 'refund-undone'])
    await shop.world.refundPayment({ sessionId })
    await deliverEvents(shop)
    await redeliverAll()
    expect(await booksOf(order)).toEqual({ credits: [0, 0, 4], spent: 0n, purchases: 0 })
  })

  test('that were cancelled before they arrived give back what they took as well', async () => {
    const { order, sessionId } = await boughtOrder()
    const { id: refundId } = await shop.world.refundPayment({ sessionId, amountMinor: 250 })
    await deliverEvents(shop)
    expect(await booksOf(order)).toMatchObject({ credits: [5, 1, 0] })
    const money = await shop.rail.books.findMoney({ refundId })
    if (!money) throw new Error('no money was taken')
    const refunds = money.refunds.map((refund) => ({ ...refund, status: 'canceled' }))
    await shop.db.$transaction((tx) => applyMoney(tx, { money: { ...money, refunds }, now: new Date() }))
    expect(await booksOf(order)).toMatchObject({ credits: [10, 2, 0] })
  })

  test('take the rewards of an invitation with them, which come back when they fail', async () => {
    await changeSetting(shop.db, { key: 'referralCredits', value: { referrer: 7, referred: 3 }, updatedBy: 'test' })
    const [referredById, product] = [await newUser(shop), await newProduct(shop)]
    const userId = await newUser(shop)
    await shop.db.user.update({ where: { id: userId }, data: { referredById } })
    const placed = await placeOrder(shop.db, { userId, productId: product.id, now: new Date() })
    if (placed.status !== 'placed') throw new Error(placed.status)
    const sessionId = await payOrder(shop, placed.order)
    await deliverEvents(shop)
    const bonuses = async () => {
      const accounts = await shop.db.account.findMany({ where: { userId: { in: [referredById, userId] } } })
      return accounts.toSorted((a, b) => Number(a.userId - b.userId)).map(({ bonus }) => bonus)
    }
    expect(await bonuses()).toEqual([7, 5])
    for (let time = 0; time < 2; time += 1) {
      const refund = await shop.world.refundPayment({ sessionId })
      await deliverEvents(shop)
      expect(await bonuses()).toEqual([0, 0])
      await shop.world.failRefund({ refundId: refund.id })
      await deliverEvents(shop)
      await redeliverAll()
      expect(await bonuses()).toEqual([7, 5])
    }
  })

  test('heard of before the purchase itself end in the same books', async () => {
    const order = await newOrder(shop)
    const sessionId = await payOrder(shop, order)
    await shop.world.refundPayment({ sessionId, amountMinor: 250 })
    const events = await shop.world.listEvents({ type: 'refund.created' })
    for (const event of events) await recordStripeEvent(shop.database.pool, stripeEventSchema.parse(event))
    await processDueEvents(shop)
    expect(await booksOf(order)).toEqual({ credits: [5, 1, 0], spent: 250n, purchases: 1 })
    await deliverEvents(shop)
    expect(await booksOf(order)).toEqual({ credits: [5, 1, 0], spent: 250n, purchases: 1 })
  })

  test('in a currency without cents are counted whole', async () => {
    const { order, sessionId } = await boughtOrder({ currency: 'jpy', priceMinor: 1000 })
    await shop.world.refundPayment({ sessionId, amountMinor: 300 })
    await deliverEvents(shop)
    expect(await booksOf(order)).toEqual({ credits: [7, 2, 0], spent: 700n, purchases: 1 })
    expect((await newsToTeam()).map(({ title }) => title)).toEqual(['¥300 refunded'])
  })

  test('of an order whose payment is not booked yet are not lost: they are heard of again', async () => {
    const order = await newOrder(shop)
    const money: TakenMoney = {
      chargeId: 'ch_not_booked',
      paymentIntentId: 'pi_not_booked',
      orderId: order.id,
      customerId: null,
      createdAt: new Date(),
      amountMinor: 500,
      currency: 'usd',
      livemode: false,
      refunds: [],
      disputes: [],
    }
    const apply = (given: TakenMoney) => shop.db.$transaction((tx) => applyMoney(tx, { money: given, now: new Date() }))
    await expect(apply(money)).rejects.toThrow('not booked yet')
    expect(await apply({ ...money, orderId: "'; DROP TABLE orders; --" })).toEqual({ status: 'foreign' })
  })

  test('of somebody else who sells through the same account are none of ours', async () => {
    const session = await shop.sdk.checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://elsewhere.test',
      line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 500, product_data: { name: 'A' } } }],
    })
    await shop.world.paySession({ sessionId: session.id })
    await shop.world.refundPayment({ sessionId: session.id })
    await deliverEvents(shop)
    expect(await shop.db.stripeEvent.count({ where: { processedAt: null } })).toBe(0)
    expect(await shop.db.refund.count()).toBe(0)
  })
})

describe('a dispute', () => {
  test('freezes what is left, owes nothing, turns auto-recharge off and tells the team urgently', async () => {
    const { order, sessionId } = await boughtOrder()
    await spend(order.userId, 7)
    await shop.db.account.update({ where: { userId: order.userId }, data: { rechargeBelow: 5 } })
    await shop.db.rechargePlan.create({
      data: { userId: order.userId, productId: order.productId, threshold: 5, monthlyCapMinor: 5_000, state: 'on' },
    })
    await shop.world.createDispute({ sessionId })
    await deliverEvents(shop)
    await redeliverAll()
    expect(await booksOf(order)).toMatchObject({ credits: [0, 0, 0], spent: 500n, purchases: 1 })
    const plan = await shop.db.rechargePlan.findUniqueOrThrow({ where: { userId: order.userId } })
    const account = await shop.db.account.findUniqueOrThrow({ where: { userId: order.userId } })
    expect([plan.state, account.rechargeBelow]).toEqual(['off', null])
    const [news, ...more] = await newsToTeam()
    expect(more).toEqual([])
    expect(news).toMatchObject({ severity: 'urgent', title: 'A payment of $5.00 is disputed' })
    expect(news?.detail).toMatch(/10 credits, paid with \$5\.00 by user \d+/)
    expect(news?.detail).toMatch(/An answer is due by \d{4}-\d\d-\d\d/)
    expect(news?.detail).toMatch(/https:\/\/dashboard\.stripe\.com\/test\/payments\/pi_/)
  })

  test('that is won gives back exactly what it froze', async () => {
    const { order, sessionId } = await boughtOrder()
    await spend(order.userId, 7)
    const { id: disputeId } = await shop.world.createDispute({ sessionId })
    await deliverEvents(shop)
    await shop.world.closeDispute({ disputeId, outcome: 'won' })
    await deliverEvents(shop)
    await redeliverAll()
    expect(await booksOf(order)).toEqual({ credits: [3, 2, 0], spent: 500n, purchases: 1 })
    expect(await noticesTo(order.userId)).toEqual(['buy-paid-credits', 'dispute-frozen', 'dispute-freed'])
    expect((await newsToTeam()).map(({ title }) => title)).toEqual([
      'A payment of $5.00 is disputed',
      'The dispute about $5.00 is won',
    ])
  })

  test('that is lost becomes a reversal: what was spent is owed', async () => {
    const { order, sessionId } = await boughtOrder()
    await spend(order.userId, 7)
    const { id: disputeId } = await shop.world.createDispute({ sessionId })
    await deliverEvents(shop)
    await shop.world.closeDispute({ disputeId, outcome: 'lost' })
    await deliverEvents(shop)
    await redeliverAll()
    expect(await booksOf(order)).toEqual({ credits: [0, 0, 7], spent: 0n, purchases: 0 })
    expect(await shop.db.alert.count({ where: { resolvedAt: null } })).toBe(0)
  })

  test('that was lost and is won on appeal is told as that, and not as a refund that failed', async () => {
    const { order, sessionId } = await boughtOrder()
    const { paymentIntentId } = await shop.db.payment.findUniqueOrThrow({ where: { sessionId } })
    const told = { chargeId: 'ch_1', paymentIntentId, orderId: order.id, customerId: null, amountMinor: 500 }
    for (const status of ['needs_response', 'lost', 'won']) {
      const dispute = { id: 'du_1', amountMinor: 500, currency: 'usd', status, reason: 'fraudulent' }
      const disputes = [{ ...dispute, evidenceDueAt: null, openedAt: new Date(0) }]
      const money: TakenMoney = {
        ...told,
        currency: 'usd',
        livemode: false,
        createdAt: new Date(),
        refunds: [],
        disputes,
      }
      await shop.db.$transaction((tx) => applyMoney(tx, { money, now: new Date() }))
    }
    expect(await booksOf(order)).toEqual({ credits: [10, 2, 0], spent: 500n, purchases: 1 })
    const notices = ['buy-paid-credits', 'dispute-frozen', 'refund-by-bank', 'dispute-freed']
    expect(await noticesTo(order.userId)).toEqual(notices)
    expect((await newsToTeam()).at(-1)?.title).toBe('The dispute about $5.00 is won')
  })

  test('after a partial refund freezes and takes only the rest', async () => {
    const { order, sessionId } = await boughtOrder()
    await shop.world.refundPayment({ sessionId, amountMinor: 200 })
    const { id: disputeId } = await shop.world.createDispute({ sessionId })
    await deliverEvents(shop)
    const payment = await shop.db.payment.findFirstOrThrow({ include: { disputes: true } })
    expect(payment).toMatchObject({
      refundedMinor: 200,
      reversedPaid: 4,
      disputes: [{ frozenPaid: 6, frozenBonus: 2 }],
    })
    await shop.world.closeDispute({ disputeId, outcome: 'lost' })
    await deliverEvents(shop)
    expect(await booksOf(order)).toEqual({ credits: [0, 0, 0], spent: 0n, purchases: 0 })
  })

  test('locks the content that was bought until it is won', async () => {
    const { order, sessionId } = await boughtOrder()
    const { id: contentId } = await shop.db.content.create({ data: { title: 'Beach set', createdBy: 'test' } })
    const key = { contentId_userId: { contentId, userId: order.userId } }
    await shop.db.unlock.create({ data: { contentId, userId: order.userId, source: `order:${order.id}` } })
    const isOpen = async () => (await shop.db.unlock.findUniqueOrThrow({ where: key })).withdrawnAt === null
    const { id: disputeId } = await shop.world.createDispute({ sessionId })
    await deliverEvents(shop)
    expect(await isOpen()).toBe(false)
    await shop.world.closeDispute({ disputeId, outcome: 'won' })
    await deliverEvents(shop)
    expect(await isOpen()).toBe(true)
    // This right had no sale behind it.
    await shop.db.unlock.delete({ where: key })
  })

  test('of a pass pauses it: what is left comes back when it is won', async () => {
    const { order, sessionId } = await boughtOrder({ kind: 'time', label: '1 hour pass', amount: 3600, bonus: 0 })
    const passUntil = async () =>
      (await shop.db.account.findUniqueOrThrow({ where: { userId: order.userId } })).passUntil?.getTime() ?? 0
    const { id: disputeId } = await shop.world.createDispute({ sessionId })
    await deliverEvents(shop)
    const { frozenSeconds } = await shop.db.dispute.findUniqueOrThrow({ where: { id: disputeId } })
    expect(frozenSeconds).toBeGreaterThan(3_500)
    expect(await passUntil()).toBeLessThanOrEqual(Date.now() + 1_000)
    await shop.world.closeDispute({ disputeId, outcome: 'won' })
    await deliverEvents(shop)
    expect(await passUntil()).toBeGreaterThan(Date.now() + 3_400_000)
  })

  test('that is only a question takes nothing', async () => {
    const { order, sessionId } = await boughtOrder()
    const { id: disputeId } = await shop.world.createDispute({ sessionId, inquiry: true })
    await deliverEvents(shop)
    expect(await booksOf(order)).toMatchObject({ credits: [10, 2, 0] })
    await shop.world.closeDispute({ disputeId, outcome: 'won' })
    await deliverEvents(shop)
    await redeliverAll()
    expect(await booksOf(order)).toEqual({ credits: [10, 2, 0], spent: 500n, purchases: 1 })
    expect((await newsToTeam()).map(({ title }) => title)).toEqual([
      'A bank asks about $5.00',
      "The bank's question about $5.00 is closed",
    ])
  })
})
