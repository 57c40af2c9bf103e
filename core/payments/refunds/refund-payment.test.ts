import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { reconcileRefunds } from '#core/payments/refunds/reconcile-refunds.ts'
import { refundPayment } from '#core/payments/refunds/refund-payment.ts'
import { requestRefund } from '#core/payments/refunds/request-refund.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import type { Role } from '#prisma'
import { deliverEvents, newOrder, openShop, payOrder, type Shop } from '#testing/payments/shop.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(async () => {
  expect(await verifyLedger(shop.database.pool)).toEqual([])
  await shop.close()
})

async function newMember(role: Role, id = 900n) {
  await shop.db.teamMember.create({ data: { id, name: 'Mia', role } })
  return { id, name: 'Mia', role }
}

/** A granted payment of five dollars for ten credits and two on top. */
async function bought() {
  const order = await newOrder(shop)
  const sessionId = await payOrder(shop, order)
  await deliverEvents(shop)
  const { id: paymentId } = await shop.db.payment.findUniqueOrThrow({ where: { sessionId } })
  return { order, sessionId, paymentId }
}

const refund = (
  given: { paymentId: string; amountMinor?: number; actor: Awaited<ReturnType<typeof newMember>> },
  rail: PaymentRail = shop.rail,
) => refundPayment(shop.db, rail, { reason: 'Asked kindly', now: new Date(), ...given })

const reconcile = () => reconcileRefunds(shop.db, shop.rail, { now: new Date(), leftAloneSeconds: 0 })
const refundsAtStripe = async () => (await shop.sdk.refunds.list({ limit: 100 })).data.map(({ amount }) => amount)
const creditsOf = async ({ userId }: { userId: bigint }) => {
  const { paid, bonus, debt } = await shop.db.account.findUniqueOrThrow({ where: { userId } })
  return [paid, bonus, debt]
}

describe('a refund by an admin', () => {
  test('gives money and books back at once, is audited, and the event after it changes nothing', async () => {
    const actor = await newMember('admin')
    const { order, paymentId } = await bought()
    expect(await refund({ paymentId, amountMinor: 200, actor })).toEqual({ status: 'made' })
    expect(await creditsOf(order)).toEqual([6, 2, 0])
    expect(await refundsAtStripe()).toEqual([200])
    await deliverEvents(shop)
    expect(await creditsOf(order)).toEqual([6, 2, 0])
    expect(await shop.db.refund.findMany()).toMatchObject([
      { amountMinor: 200, actor: 'team:900', reason: 'Asked kindly' },
    ])
    expect(await shop.db.auditEntry.findMany()).toMatchObject([
      { actorId: 900n, action: 'payment.refund', target: `payment:${paymentId}`, reason: 'Asked kindly' },
    ])
    expect(await refund({ paymentId, actor })).toEqual({ status: 'made' })
    expect(await creditsOf(order)).toEqual([0, 0, 0])
    expect(await refund({ paymentId, actor })).toEqual({ status: 'nothing_left' })
  })

  test('of more than is left is refused before Stripe is asked', async () => {
    const actor = await newMember('owner')
    const { paymentId } = await bought()
    await refund({ paymentId, amountMinor: 400, actor })
    expect(await refund({ paymentId, amountMinor: 101, actor })).toEqual({
      status: 'too_much',
      leftMinor: 100,
      currency: 'usd',
    })
    expect(await refundsAtStripe()).toEqual([400])
    expect(await shop.db.refundRequest.count()).toBe(1)
  })

  test.each(['viewer', 'agent'] as const)('is refused to a %s', async (role) => {
    const actor = await newMember(role)
    const { paymentId } = await bought()
    expect(await refund({ paymentId, actor: { ...actor, role: 'owner' } })).toEqual({ status: 'forbidden' })
    expect(await refundsAtStripe()).toEqual([])
  })

  test('is refused to somebody who was an admin until a moment ago', async () => {
    const actor = await newMember('admin')
    const { paymentId } = await bought()
    await shop.db.teamMember.update({ where: { id: actor.id }, data: { disabledAt: new Date() } })
    expect(await refund({ paymentId, actor })).toEqual({ status: 'forbidden' })
  })

  test('asked by eight at once is made once', async () => {
    const actor = await newMember('admin')
    const { order, paymentId } = await bought()
    const all = await Promise.all(Array.from({ length: 8 }, () => refund({ paymentId, actor })))
    expect(all.filter(({ status }) => status === 'made')).toHaveLength(1)
    expect(await refundsAtStripe()).toEqual([500])
    expect(await creditsOf(order)).toEqual([0, 0, 0])
  })

  test('while a bank examines the payment is refused', async () => {
    const actor = await newMember('admin')
    const { sessionId, paymentId } = await bought()
    await shop.world.createDispute({ sessionId })
    // Before we know of the dispute Stripe refuses, afterwards we do.
    expect(await refund({ paymentId, actor })).toMatchObject({ status: 'refused', reason: /charged back/ })
    expect(await shop.db.alert.findMany()).toMatchObject([{ title: 'A refund of $5.00 was refused' }])
    await deliverEvents(shop)
    expect(await refund({ paymentId, actor })).toEqual({ status: 'disputed' })
  })
})

describe('a refund whose answer is lost', () => {
  test.each([
    ['before Stripe did anything', { kind: 'drop_before', times: 4 }],
    ['after Stripe made it', { kind: 'drop_after', times: 4 }],
    ['by a failure that Stripe remembers', { kind: 'server_error', times: 4 }],
    ['by a limit', { kind: 'rate_limit', times: 4 }],
  ] as const)('%s is made exactly once in the end', async (_, fault) => {
    const actor = await newMember('admin')
    const { order, paymentId } = await bought()
    await shop.world.addApiFault({ ...fault, path: '/v1/refunds', method: 'POST' })
    expect(await refund({ paymentId, amountMinor: 250, actor })).toEqual({ status: 'unknown' })
    expect(await refund({ paymentId, amountMinor: 250, actor })).toEqual({ status: 'busy' })
    await shop.world.clearApiFaults()
    await Promise.all([reconcile(), reconcile()])
    await reconcile()
    await deliverEvents(shop)
    expect(await refundsAtStripe()).toEqual([250])
    expect(await creditsOf(order)).toEqual([5, 1, 0])
    expect(await shop.db.refundRequest.findMany()).toMatchObject([{ state: 'made' }])
  })

  test('because we gave up waiting is made exactly once in the end', async () => {
    const actor = await newMember('admin')
    const { order, paymentId } = await bought()
    await shop.world.addApiFault({ kind: 'slow', delayMs: 1_500, times: 4, path: '/v1/refunds', method: 'POST' })
    expect(await refund({ paymentId, actor }, shop.newRail({ timeout: 200 }))).toEqual({ status: 'unknown' })
    await shop.world.clearApiFaults()
    await reconcile()
    await deliverEvents(shop)
    await reconcile()
    expect(await refundsAtStripe()).toEqual([500])
    expect(await creditsOf(order)).toEqual([0, 0, 0])
  })

  test('is looked for before it is asked for under a new number', async () => {
    const actor = await newMember('admin')
    const { order, paymentId } = await bought()
    await shop.world.addApiFault({ kind: 'drop_after', times: 4, path: '/v1/refunds', method: 'POST' })
    await refund({ paymentId, amountMinor: 200, actor })
    await shop.world.clearApiFaults()
    // As after a failure that Stripe remembers: the old number is used up, although the refund was made.
    await shop.db.refundRequest.updateMany({ data: { attempt: 2 } })
    await reconcile()
    expect(await refundsAtStripe()).toEqual([200])
    expect(await creditsOf(order)).toEqual([6, 2, 0])
  })

  test('because we died before asking is made by the next round', async () => {
    const { order, paymentId } = await bought()
    await shop.db.$transaction((tx) =>
      requestRefund(tx, { paymentId, amountMinor: null, reason: 'Asked kindly', actor: 'team:900' }),
    )
    expect(await reconcile()).toEqual({ asked: 1, ended: 1 })
    expect(await reconcile()).toEqual({ asked: 0, ended: 0 })
    expect(await refundsAtStripe()).toEqual([500])
    expect(await creditsOf(order)).toEqual([0, 0, 0])
  })
})
