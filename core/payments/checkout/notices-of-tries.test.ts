import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { claimNotice, forgetToldNotices } from '#core/payments/notices.ts'
import type { CardOutcome } from '#sandbox/stripe/control-types.ts'
import {
  clickPayLink,
  deliverEvents,
  newOrder,
  newUser,
  openShop,
  payOrder,
  type Shop,
} from '#testing/payments/shop.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(() => shop.close())

const noticesTo = async (userId: bigint) =>
  (await shop.db.outboxItem.findMany({ where: { userId, purpose: 'notice' }, orderBy: { id: 'asc' } })).map(
    ({ payload }) => payload as { text: string; args: Record<string, unknown>; retryProductId?: number },
  )
const textsTo = async (userId: bigint) => (await noticesTo(userId)).map(({ text }) => text)

const redeliverAll = async () => {
  await shop.db.stripeEvent.updateMany({ data: { processedAt: null, nextAttemptAt: null } })
  await deliverEvents(shop)
}

async function tryToPay(outcome: CardOutcome) {
  const order = await newOrder(shop)
  const sessionId = await clickPayLink(shop, order)
  await shop.world.paySession({ sessionId, outcome })
  return { order, sessionId }
}

describe('a try to pay that failed', () => {
  test.each([
    ['declined', 'declined'],
    ['insufficient_funds', 'funds'],
  ] as const)('(%s) is told with its reason and a way to try again', async (outcome, reason) => {
    const { order } = await tryToPay(outcome)
    await deliverEvents(shop)
    expect(await noticesTo(order.userId)).toEqual([
      {
        text: 'payment-failed',
        args: { label: '10 credits', price: '$5.00', reason },
        buttons: 'none',
        retryProductId: order.productId,
      },
    ])
  })

  test('is told once for all tries of an hour, and again after it', async () => {
    const { order, sessionId } = await tryToPay('declined')
    await shop.world.paySession({ sessionId, outcome: 'declined' })
    await deliverEvents(shop)
    await shop.world.paySession({ sessionId, outcome: 'insufficient_funds' })
    await deliverEvents(shop)
    await redeliverAll()
    expect(await textsTo(order.userId)).toEqual(['payment-failed'])
    await shop.db.toldNotice.updateMany({ data: { createdAt: new Date(Date.now() - 3_601_000) } })
    await redeliverAll()
    expect(await textsTo(order.userId)).toEqual(['payment-failed'])
    await shop.world.paySession({ sessionId, outcome: 'declined' })
    await deliverEvents(shop)
    expect(await textsTo(order.userId)).toEqual(['payment-failed', 'payment-failed'])
  })

  test('is not told when the next try brought the money', async () => {
    const { order, sessionId } = await tryToPay('declined')
    await shop.world.paySession({ sessionId })
    await deliverEvents(shop)
    expect(await textsTo(order.userId)).toEqual(['buy-paid-credits'])
  })

  test('of a slow way to pay is told once, though two events speak of it', async () => {
    const { order, sessionId } = await tryToPay('delayed')
    await deliverEvents(shop)
    expect(await textsTo(order.userId)).toEqual([])
    await shop.world.settlePayment({ sessionId, succeeds: false })
    await deliverEvents(shop)
    await redeliverAll()
    expect(await textsTo(order.userId)).toEqual(['payment-failed'])
  })

  test('of somebody else who sells through the same account is told to nobody', async () => {
    const session = await shop.sdk.checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://elsewhere.test',
      payment_intent_data: { metadata: { order_id: 'theirs' } },
      line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 500, product_data: { name: 'A' } } }],
    })
    await shop.world.paySession({ sessionId: session.id, outcome: 'declined' })
    await deliverEvents(shop)
    expect(await shop.db.stripeEvent.count({ where: { processedAt: null } })).toBe(0)
    expect(await shop.db.outboxItem.count({ where: { purpose: 'notice' } })).toBe(0)
  })
})

describe('a card that was saved', () => {
  test('is told once to the buyer whose customer it is', async () => {
    const order = await newOrder(shop)
    await payOrder(shop, order)
    await deliverEvents(shop)
    const { stripeCustomerId } = await shop.db.user.findUniqueOrThrow({ where: { id: order.userId } })
    await shop.world.createSavedCard({ customerId: stripeCustomerId ?? '' })
    await deliverEvents(shop)
    await redeliverAll()
    expect(await textsTo(order.userId)).toEqual(['buy-paid-credits', 'card-saved'])
    const [, saved] = await noticesTo(order.userId)
    expect(saved?.args).toEqual({ brand: 'Visa', last4: expect.stringMatching(/^\d{4}$/) })
  })

  test('for auto-recharge is left to those who tell what it is for', async () => {
    const order = await newOrder(shop)
    await payOrder(shop, order)
    await deliverEvents(shop)
    const { userId, productId } = order
    await shop.db.rechargePlan.create({ data: { userId, productId, threshold: 5, monthlyCapMinor: 5_000 } })
    const { stripeCustomerId } = await shop.db.user.findUniqueOrThrow({ where: { id: userId } })
    await shop.world.createSavedCard({ customerId: stripeCustomerId ?? '' })
    await deliverEvents(shop)
    expect(await textsTo(userId)).toEqual(['buy-paid-credits'])
  })

  test('with a stranger is told to nobody', async () => {
    const userId = await newUser(shop)
    await shop.world.createSavedCard({})
    await deliverEvents(shop)
    expect(await shop.db.stripeEvent.count({ where: { processedAt: null } })).toBe(0)
    expect(await textsTo(userId)).toEqual([])
  })
})

test('twenty who want to say the same at once say it once', async () => {
  const claims = Array.from({ length: 20 }, () => claimNotice(shop.db, { key: 'same', againAfterSeconds: 60 }))
  expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(1)
})

test('what was said is forgotten when no event can repeat it any more', async () => {
  await claimNotice(shop.db, { key: 'old' })
  await forgetToldNotices(shop.db, { now: new Date(Date.now() + 89 * 24 * 3_600_000) })
  expect(await claimNotice(shop.db, { key: 'old' })).toBe(false)
  await forgetToldNotices(shop.db, { now: new Date(Date.now() + 91 * 24 * 3_600_000) })
  expect(await claimNotice(shop.db, { key: 'old' })).toBe(true)
})
