import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { openCheckout } from '#core/payments/checkout/open-checkout.ts'
import { RailUnavailableError } from '#core/rails/payment-rail.ts'
import { changePlan, setRenewal } from '#core/subscriptions/change-subscription.ts'
import { listPlans } from '#core/subscriptions/list-plans.ts'
import { listLiveSubscriptions } from '#core/subscriptions/list-subscriptions.ts'
import { deliverEvents, newProduct, newUser, openShop, PUBLIC_URL, type Shop } from '#testing/payments/shop.ts'
import {
  monthlyCredits,
  newSubscriber,
  orderSubscription,
  passPeriod,
  payFirstMonth,
  readSubscriptionBooks,
} from '#testing/payments/subscriber.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(async () => {
  expect(await verifyLedger(shop.database.pool)).toEqual([])
  await shop.close()
})

interface Own {
  userId: bigint
  subscriptionId: string
}

const now = new Date()
const renew = ({ userId, subscriptionId }: Own, renews: boolean) =>
  setRenewal(shop.db, shop.rail, { userId, subscriptionId, renews, now })
const change = ({ userId, subscriptionId }: Own, productId: number) =>
  changePlan(shop.db, shop.rail, { userId, subscriptionId, productId, now })

describe('a cancellation', () => {
  test('keeps what is paid, names the day, and ends then without another charge', async () => {
    const own = await newSubscriber(shop)
    const outcome = await renew(own, false)
    expect(outcome).toMatchObject({ status: 'changed', subscription: { cancelAtPeriodEnd: true, endedAt: null } })
    await passPeriod(shop, own.subscriptionId)
    await deliverEvents(shop)
    expect(await readSubscriptionBooks(shop, own.userId)).toMatchObject({
      subscriptions: [{ status: 'canceled', isOver: true }],
      paid: 30,
      notices: ['sub-begun-credits', 'sub-ended'],
    })
    expect((await renew(own, true)).status).toBe('gone')
  })

  test.each(['here', 'on the billing page'])('that was made %s can be taken back', async (where) => {
    const own = await newSubscriber(shop)
    if (where === 'here') await renew(own, false)
    else {
      const page = await shop.rail.cards.openBillingPage({ customerId: own.customerId, returnUrl: PUBLIC_URL })
      await fetch(page ?? '', { method: 'POST', body: new URLSearchParams({ cancel: own.subscriptionId }) })
      await deliverEvents(shop)
    }
    const [before] = await listLiveSubscriptions(shop.db, { userId: own.userId, now })
    expect(before?.cancelAtPeriodEnd).toBe(true)
    expect(await renew(own, true)).toMatchObject({ status: 'changed', subscription: { cancelAtPeriodEnd: false } })
    await passPeriod(shop, own.subscriptionId)
    await deliverEvents(shop)
    expect((await readSubscriptionBooks(shop, own.userId)).paid).toBe(60)
  })

  test('is only for whose subscription it is', async () => {
    const own = await newSubscriber(shop)
    const stranger = await newUser(shop)
    expect((await renew({ ...own, userId: stranger }, false)).status).toBe('gone')
    expect((await shop.sdk.subscriptions.retrieve(own.subscriptionId)).cancel_at_period_end).toBe(false)
  })

  test('says so when Stripe does not answer, and may be asked for again', async () => {
    const own = await newSubscriber(shop)
    await shop.world.addApiFault({ kind: 'drop_after', path: '/v1/subscriptions/*', method: 'POST', times: 2 })
    await expect(renew(own, false)).rejects.toThrow(RailUnavailableError)
    expect((await renew(own, false)).status).toBe('changed')
  })
})

describe('a change of plan', () => {
  const bigger = { ...monthlyCredits, label: 'More credits', amount: 80, bonus: 0, priceMinor: 2000 }

  test('costs and brings what the new plan says from the next month on', async () => {
    const own = await newSubscriber(shop)
    const product = await newProduct(shop, bigger)
    expect(await change(own, product.id)).toMatchObject({
      status: 'changed',
      subscription: { productId: product.id, amountMinor: 2000 },
    })
    expect((await readSubscriptionBooks(shop, own.userId)).paid).toBe(30)
    for (const paid of [110, 190]) {
      await passPeriod(shop, own.subscriptionId)
      await deliverEvents(shop)
      expect((await readSubscriptionBooks(shop, own.userId)).paid).toBe(paid)
    }
    expect(await readSubscriptionBooks(shop, own.userId)).toMatchObject({
      alerts: [],
      payments: Array(3).fill('granted'),
    })
  })

  test('can be taken back before it matters', async () => {
    const own = await newSubscriber(shop)
    const product = await newProduct(shop, bigger)
    await change(own, product.id)
    expect((await change(own, own.order.productId)).status).toBe('changed')
    await passPeriod(shop, own.subscriptionId)
    await deliverEvents(shop)
    expect(await readSubscriptionBooks(shop, own.userId)).toMatchObject({ paid: 60, alerts: [] })
  })

  test('sells nothing twice: the pay link of the new plan leads to the billing page', async () => {
    const own = await newSubscriber(shop)
    const order = await orderSubscription(shop, bigger, own.userId)
    await change(own, order.productId)
    const { token } = order
    const opened = await openCheckout(shop.db, shop.rail, { token, publicUrl: PUBLIC_URL, now })
    expect(opened).toMatchObject({ status: 'redirect', url: expect.stringContaining('/p/session/') })
  })

  test('is offered and made only to what is sold, in the same currency, and not subscribed to already', async () => {
    const own = await newSubscriber(shop)
    const [euros, archived, other] = await Promise.all([
      newProduct(shop, { ...bigger, currency: 'eur' }),
      newProduct(shop, { ...bigger, active: false }),
      orderSubscription(shop, bigger, own.userId),
    ])
    const once = await newProduct(shop)
    const [subscription] = await listLiveSubscriptions(shop.db, { userId: own.userId, now })
    if (!subscription) throw new Error('it is live')
    const plans = await listPlans(shop.db, { subscription })
    expect(plans.map(({ id }) => id)).toEqual([other.productId])
    for (const { id } of [euros, archived, once]) expect((await change(own, id)).status).toBe('unavailable')
    await payFirstMonth(shop, other)
    await deliverEvents(shop)
    expect((await change(own, other.productId)).status).toBe('subscribed')
  })
})
