import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { beat } from '#core/health/heartbeat.ts'
import { openCheckout } from '#core/payments/checkout/open-checkout.ts'
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
import { statusMessage } from '#web/app/checkout/checkout-messages.ts'
import { findBotLink } from '#web/server/payments/bot-link.ts'
import { landOnSuccess, readCheckoutState } from '#web/server/payments/checkout-state.ts'
import { followLink } from '#web/server/payments/follow-link.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(() => shop.close())

const land = (token: string, sessionId: string) =>
  landOnSuccess(shop.db, shop.rail, { token, sessionId, now: new Date() })

describe('landing on the success page', () => {
  test('of a paid session grants before any webhook came, and shows what was granted', async () => {
    const order = await newOrder(shop)
    const sessionId = await payOrder(shop, order)
    const landed = await Promise.all(Array.from({ length: 5 }, () => land(order.token, sessionId)))
    for (const state of landed) expect(state).toMatchObject({ name: 'paid', order: { amount: 10, bonus: 2 } })
    expect(await readBooks(shop, order)).toEqual(grantedOnce)
  })

  test('of a pass says until when it runs', async () => {
    const order = await newOrder(shop, { kind: 'time', label: '1 hour pass', amount: 3600, bonus: 0 })
    expect(await readCheckoutState(shop.db, { token: order.token, now: new Date() })).toMatchObject({
      order: { passUntil: null },
    })
    const landed = await land(order.token, await payOrder(shop, order))
    const { passUntil } = await readBooks(shop, order)
    expect(passUntil).not.toBeNull()
    expect(landed).toMatchObject({ name: 'paid', order: { passUntil } })
  })

  test('proves nothing: an unpaid session grants nothing', async () => {
    const order = await newOrder(shop)
    const sessionId = await clickPayLink(shop, order)
    expect(await land(order.token, sessionId)).toMatchObject({ name: 'payable' })
    expect(await readBooks(shop, order)).toEqual(nothingGranted)
  })

  test('of a slow method, or while Stripe does not answer, says that it is being confirmed', async () => {
    const order = await newOrder(shop)
    const sessionId = await clickPayLink(shop, order)
    await shop.world.paySession({ sessionId, outcome: 'delayed' })
    expect(await land(order.token, sessionId)).toMatchObject({ name: 'confirming' })
    await shop.world.addApiFault({ kind: 'drop_before', times: 5 })
    expect(await land(order.token, sessionId)).toMatchObject({ name: 'confirming' })
  })

  test('of a payment that bounced says so, however often it is looked at, and not to others', async () => {
    const [order, another] = [await newOrder(shop), await newOrder(shop)]
    const sessionId = await clickPayLink(shop, order)
    await shop.world.paySession({ sessionId, outcome: 'delayed' })
    await shop.world.settlePayment({ sessionId, succeeds: false })
    expect(await land(order.token, sessionId)).toMatchObject({ name: 'failed' })
    expect(await land(order.token, sessionId)).toMatchObject({ name: 'failed' })
    expect(await land(another.token, sessionId)).toMatchObject({ name: 'payable', order: { id: another.id } })
    await shop.world.addApiFault({ kind: 'drop_before', times: 5 })
    expect(await land(order.token, sessionId)).toMatchObject({ name: 'payable' })
    expect(await readBooks(shop, order)).toEqual(nothingGranted)
  })

  test('with the session of somebody else neither asks Stripe nor shows theirs', async () => {
    const [mine, theirs] = [await newOrder(shop), await newOrder(shop)]
    await clickPayLink(shop, mine)
    const sessionId = await payOrder(shop, theirs)
    expect(await land(mine.token, sessionId)).toMatchObject({ name: 'payable', order: { id: mine.id } })
    expect((await readBooks(shop, theirs)).entries).toEqual([])
  })

  test('with money that does not fit says that a person looks at it', async () => {
    const order = await newOrder(shop)
    const sessionId = await payOrder(shop, order)
    await shop.db.order.update({ where: { id: order.id }, data: { priceMinor: 900 } })
    expect(await land(order.token, sessionId)).toMatchObject({ name: 'review' })
  })
})

test.each(['nothing', '', '\u0000', 'A'.repeat(32), 'x'.repeat(3_000)])(
  'an unknown token has no state: %#',
  async (token) => {
    expect(await readCheckoutState(shop.db, { token, now: new Date() })).toBeNull()
    expect(await land(token, 'cs_test_1')).toBeNull()
  },
)

test('whoever paid by a slow method never reads that nothing was charged, though the link expires meanwhile', async () => {
  const order = await newOrder(shop)
  const { id, token } = order
  const sessionId = await clickPayLink(shop, order)
  await shop.world.paySession({ sessionId, outcome: 'delayed' })
  await shop.db.order.update({ where: { id }, data: { expiresAt: new Date(Date.now() - 1000) } })
  const now = new Date()
  const { status } = await openCheckout(shop.db, shop.rail, { token, publicUrl: PUBLIC_URL, now })
  const state = await readCheckoutState(shop.db, { token, now })
  if (!state) throw new Error('there is no such order')
  expect(statusMessage(state, status, '/pay').title).toBe('Your payment is being confirmed')
  expect(statusMessage(state, undefined, '/pay').title).toBe('This link has expired')
})

test('whoever was banned reads that the link is closed, and is not asked to pay', async () => {
  const order = await newOrder(shop)
  const { token } = order
  await shop.db.user.update({ where: { id: order.userId }, data: { bannedAt: new Date() } })
  const now = new Date()
  const { status } = await openCheckout(shop.db, shop.rail, { token, publicUrl: PUBLIC_URL, now })
  const state = await readCheckoutState(shop.db, { token, now })
  if (!state) throw new Error('there is no such order')
  const message = statusMessage(state, status, '/pay')
  expect(message).toMatchObject({ title: 'This link is closed', body: expect.stringContaining('Nothing was charged') })
  expect(message.pay).toBeUndefined()
})

test('a link answers 303 and is never cached, wherever it leads', async () => {
  const statusPage = 'https://shop.test/checkout/a%2Fb/status'
  const toStripe = await followLink(async () => ({ status: 'redirect', url: 'https://pay.test/c/1' }), { statusPage })
  const toUs = await followLink(async () => ({ status: 'expired' }), { statusPage })
  expect([toStripe, toUs].map(({ status }) => status)).toEqual([303, 303])
  expect(toStripe.headers.get('location')).toBe('https://pay.test/c/1')
  expect(toUs.headers.get('location')).toBe(`${statusPage}?now=expired`)
  expect(toUs.headers.get('cache-control')).toBe('no-store')
})

test('the way back into the chat is the one that the bot told', async () => {
  const now = new Date()
  expect(await findBotLink(shop.db, { now })).toBeNull()
  const facts = { leader: true, polling: true, lastPollAt: null, buffered: 0 }
  await beat(shop.db, { id: 'one', startedAt: now, now, facts: { ...facts, chatUrl: 'https://t.me/pay_bot' } })
  expect(await findBotLink(shop.db, { now })).toBe('https://t.me/pay_bot')
})
