import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { setContentActive } from '#core/content/change-content.ts'
import { resendContent } from '#core/content/resend-content.ts'
import { unlockForCredits } from '#core/content/unlock-for-credits.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { openCheckout } from '#core/payments/checkout/open-checkout.ts'
import { placeOrder } from '#core/payments/checkout/place-order.ts'
import { settleCheckoutSession } from '#core/payments/checkout/settle-checkout-session.ts'
import { listProductsOnOffer } from '#core/products/find-products.ts'
import type { Order } from '#prisma'
import { newContent } from '#testing/payments/content.ts'
import { giveMoneyBack } from '#testing/payments/granted-payment.ts'
import { clickPayLink, newUser, openShop, PUBLIC_URL, payOrder, type Shop } from '#testing/payments/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterEach(async () => expect(await verifyLedger(shop.database.pool)).toEqual([]))
afterAll(() => shop.close())

const owner = { id: 1n, name: 'Olivia', role: 'owner' } as const

async function newWish() {
  const [userId, content] = [await newUser(shop), await newContent(shop.db)]
  return { userId, contentId: content.id, productId: content.product?.id ?? 0 }
}

type Wish = Awaited<ReturnType<typeof newWish>>

const place = ({ userId, productId }: Wish) => placeOrder(shop.db, { userId, productId, now: new Date() })

async function order(wish: Wish): Promise<Order> {
  const outcome = await place(wish)
  if (outcome.status !== 'placed') throw new Error(`the order is ${outcome.status}`)
  return outcome.order
}

/** A second pay link for the same thing, as a change of the price between two taps makes. */
async function otherOrder(wish: Wish): Promise<Order> {
  await shop.db.product.update({ where: { id: wish.productId }, data: { priceMinor: { increment: 100 } } })
  return order(wish)
}

const settle = (sessionId: string) => settleCheckoutSession(shop.db, shop.rail, { sessionId, now: new Date() })
const rightOf = ({ userId, contentId }: Wish) =>
  shop.db.unlock.findUnique({ where: { contentId_userId: { contentId, userId } } })
const owedTo = async ({ userId }: Wish) =>
  (await shop.db.outboxItem.findMany({ where: { userId }, orderBy: { id: 'asc' } })).map(({ purpose }) => purpose)
const giveCredits = ({ userId }: Wish, paidDelta: number) =>
  postEntry(shop.db, { userId, kind: 'gift', ref: `start:${userId}`, paidDelta, contra: 'promotions', actor: 'system' })
const forCredits = ({ userId, contentId }: Wish) =>
  unlockForCredits(shop.db, { userId, contentId, cost: 50, now: new Date() })
const alertsFor = (sessionId: string) => shop.db.alert.count({ where: { key: `payment-quarantined:${sessionId}` } })

test('a paid order gives the right, the notice and the delivery, once however often it is settled', async () => {
  const wish = await newWish()
  const placed = await order(wish)
  const sessionId = await payOrder(shop, placed)
  await Promise.all([settle(sessionId), settle(sessionId), settle(sessionId)])
  expect(await rightOf(wish)).toMatchObject({ source: `order:${placed.id}`, withdrawnAt: null })
  expect(await owedTo(wish)).toEqual(['notice', 'content'])
  expect(await shop.db.user.findUnique({ where: { id: wish.userId } })).toMatchObject({
    spentMinor: 500n,
    purchases: 1,
  })
})

test('money that does not fit its order gives neither right nor delivery', async () => {
  const wish = await newWish()
  const placed = await order(wish)
  const sessionId = await payOrder(shop, placed)
  await shop.db.order.update({ where: { id: placed.id }, data: { priceMinor: placed.priceMinor + 1 } })
  expect(await settle(sessionId)).toMatchObject({ status: 'quarantined' })
  expect(await rightOf(wish)).toBeNull()
  expect(await owedTo(wish)).toEqual([])
})

test('content is not in the list of products', async () => {
  await newContent(shop.db)
  const listed = await listProductsOnOffer(shop.db, { rails: 'both' })
  expect(listed.filter(({ kind }) => kind === 'content')).toEqual([])
})

describe('what is theirs is never sold again', () => {
  test('no order is placed for it', async () => {
    const wish = await newWish()
    await giveCredits(wish, 50)
    await forCredits(wish)
    expect(await place(wish)).toEqual({ status: 'owned' })
  })

  test('a pay link from before does not open any more, and its open page is closed', async () => {
    const wish = await newWish()
    const { token, ...placed } = await order(wish)
    const sessionId = await clickPayLink(shop, { token, ...placed })
    await giveCredits(wish, 50)
    await forCredits(wish)
    const open = () => openCheckout(shop.db, shop.rail, { token, publicUrl: PUBLIC_URL, now: new Date() })
    expect(await open()).toEqual({ status: 'expired' })
    expect(await open()).toEqual({ status: 'expired' })
    expect(await shop.rail.findCheckout(sessionId)).toMatchObject({ status: 'expired' })
  })

  test('a page that was paid before it became theirs for credits is not called expired: its money is kept apart', async () => {
    const wish = await newWish()
    const placed = await order(wish)
    const sessionId = await payOrder(shop, placed)
    await giveCredits(wish, 50)
    await forCredits(wish)
    const link = { token: placed.token, publicUrl: PUBLIC_URL, now: new Date() }
    expect(await openCheckout(shop.db, shop.rail, link)).toEqual({ status: 'quarantined' })
    expect(await alertsFor(sessionId)).toBe(1)
  })

  test('two pay links that are paid at once give it once, and the other money is kept apart for a refund', async () => {
    const wish = await newWish()
    const first = await payOrder(shop, await order(wish))
    const second = await payOrder(shop, await otherOrder(wish))
    const outcomes = await Promise.all([settle(first), settle(second), settle(first), settle(second)])
    expect(outcomes.filter(({ status }) => status === 'granted')).toHaveLength(1)
    expect(outcomes.filter(({ status }) => status === 'quarantined')).toHaveLength(1)
    expect(await owedTo(wish)).toEqual(['notice', 'content'])
    const states = await shop.db.payment.findMany({ where: { userId: wish.userId }, select: { state: true } })
    expect(states.map(({ state }) => state).sort()).toEqual(['granted', 'quarantined'])
    expect((await alertsFor(first)) + (await alertsFor(second))).toBe(1)
  })

  test('credits and a payment at the same moment: one of them pays', async () => {
    const wish = await newWish()
    await giveCredits(wish, 50)
    const sessionId = await payOrder(shop, await order(wish))
    const [byCredits, byMoney] = await Promise.all([forCredits(wish), settle(sessionId)])
    expect([
      ['unlocked', 'quarantined'],
      ['owned', 'granted'],
    ]).toContainEqual([byCredits.status, byMoney.status])
    expect(await owedTo(wish)).toEqual(['notice', 'content'])
  })
})

describe('after a refund', () => {
  async function refundedWish() {
    const wish = await newWish()
    const placed = await order(wish)
    const sessionId = await payOrder(shop, placed)
    await settle(sessionId)
    const { id: paymentId } = await shop.db.payment.findUniqueOrThrow({ where: { sessionId } })
    await giveMoneyBack(shop.db, { paymentId, refundedMinor: 500 })
    await shop.db.outboxItem.deleteMany({ where: { userId: wish.userId } })
    return { wish, placed, sessionId }
  }

  test('it is not theirs any more, and not sent again', async () => {
    const { wish } = await refundedWish()
    expect(await rightOf(wish)).toMatchObject({ withdrawnAt: expect.any(Date) })
    expect(await resendContent(shop.db, wish)).toEqual({ status: 'not_owned' })
    expect(await owedTo(wish)).toEqual([])
  })

  test('it can be bought again, for money and for credits', async () => {
    const { wish } = await refundedWish()
    const again = await order(wish)
    expect(await settle(await payOrder(shop, again))).toMatchObject({ status: 'granted' })
    expect(await rightOf(wish)).toMatchObject({ source: `order:${again.id}`, withdrawnAt: null })
    const other = await refundedWish()
    await giveCredits(other.wish, 50)
    expect(await forCredits(other.wish)).toMatchObject({ status: 'unlocked' })
  })

  test('another payment of the refunded order does not bring the right back', async () => {
    const { wish, placed } = await refundedWish()
    const stray = await shop.rail.createCheckout({
      orderId: placed.id,
      attempt: 7,
      label: placed.label,
      description: null,
      priceMinor: placed.priceMinor,
      currency: placed.currency,
      priceId: null,
      customerId: null,
      isSubscription: false,
      links: { success: PUBLIC_URL, cancel: PUBLIC_URL },
    })
    if (stray.status !== 'created') throw new Error(`the checkout is ${stray.status}`)
    await shop.world.paySession({ sessionId: stray.checkout.id })
    expect(await settle(stray.checkout.id)).toMatchObject({ status: 'quarantined' })
    expect(await rightOf(wish)).toMatchObject({ withdrawnAt: expect.any(Date) })
  })
})

test('what is taken off sale is not sold, but a payment on its way is granted', async () => {
  const [wish, late] = [await newWish(), await newWish()]
  const sessionId = await payOrder(shop, await order(late))
  for (const { contentId } of [wish, late]) {
    await setContentActive(shop.db, { contentId, active: false, actor: owner })
  }
  expect(await place(wish)).toEqual({ status: 'unavailable' })
  expect(await settle(sessionId)).toMatchObject({ status: 'granted' })
})
