import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { applyCharge } from '#core/recharge/apply-charge.ts'
import type { Charge } from '#core/recharge/card-rail.ts'
import { makeDue, newRecharger, readRecharge, runDue, spend } from '#testing/payments/recharge.ts'
import { openShop, type Shop } from '#testing/payments/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(async () => {
  expect(await verifyLedger(shop.database.pool)).toEqual([])
  await shop.close()
})

/** A charge that was made for somebody and not confirmed, because Stripe could not be reached. */
async function unconfirmedCharge(): Promise<{ userId: bigint; charge: Charge }> {
  const { userId } = await newRecharger(shop, { credits: 6 })
  await spend(shop, userId, 1)
  await shop.world.addApiFault({ kind: 'drop_before', path: '/v1/payment_intents/*/confirm', times: 10 })
  await runDue(shop)
  await shop.world.clearApiFaults()
  const { paymentIntentId } = await shop.db.rechargeAttempt.findFirstOrThrow({ where: { userId } })
  const charge = await shop.rail.cards.findCharge(paymentIntentId ?? '')
  if (!charge) throw new Error('no charge was made')
  return { userId, charge }
}

const apply = (charge: Charge) =>
  shop.db.$transaction((tx) => applyCharge(tx, { charge, rail: shop.rail, now: new Date() }))

test.each<[string, Partial<Charge>]>([
  ['too little', { amountMinor: 499 }],
  ['too much', { amountMinor: 501 }],
  ['another currency', { currency: 'eur' }],
  ['live money under a test key', { livemode: true }],
  ['another order', { orderId: '00000000-0000-4000-8000-000000000000' }],
])('a charge that does not fit is kept apart and brings nothing: %s', async (_what, change) => {
  const { userId, charge } = await unconfirmedCharge()
  const paid: Charge = { ...charge, status: 'succeeded', ...change }
  expect(await apply(paid)).toMatchObject({ status: 'quarantined' })
  expect(await apply(paid)).toEqual({ status: 'settled_before' })
  expect(await readRecharge(shop, userId)).toMatchObject({
    credits: 5,
    attempts: ['failed: quarantined'],
    payments: ['quarantined'],
    orders: ['open'],
    notices: [],
  })
  expect(await shop.db.alert.findUnique({ where: { key: `payment-quarantined:${charge.id}` } })).toMatchObject({
    severity: 'urgent',
    count: 1,
  })
})

test.each(['unconfirmed', 'processing', 'declined', 'needs_buyer', 'canceled'] as const)(
  'a charge that is %s brings nothing, and is granted once when it succeeds after all',
  async (status) => {
    const { userId, charge } = await unconfirmedCharge()
    expect(await apply({ ...charge, status })).toEqual({ status: 'nothing_to_do' })
    expect(await readRecharge(shop, userId)).toMatchObject({ credits: 5, payments: [] })
    await makeDue(shop)
    await runDue(shop)
    expect(await readRecharge(shop, userId)).toMatchObject({ credits: 17, payments: ['granted'], taken: [500] })
  },
)
