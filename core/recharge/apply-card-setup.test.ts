import { afterAll, beforeAll, expect, test } from 'vitest'
import { applyCardSetup } from '#core/recharge/apply-card-setup.ts'
import type { CardSetup } from '#core/recharge/card-rail.ts'
import { agree, clickCardLink, type Recharger } from '#testing/payments/recharge.ts'
import { newProduct, newUser, openShop, type Shop } from '#testing/payments/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

/** A page on which somebody who agreed has just saved a card; we have not heard of it. */
async function savedPage(): Promise<Recharger & { setup: CardSetup }> {
  const [userId, product] = await Promise.all([newUser(shop), newProduct(shop)])
  await agree(shop, { userId, product })
  const sessionId = await clickCardLink(shop, userId)
  await shop.world.paySession({ sessionId, savedCard: 'succeeds' })
  const setup = await shop.rail.cards.findCardSetup(sessionId)
  if (!setup?.card) throw new Error('no card was saved')
  return { userId, product, setup }
}

const apply = (setup: CardSetup) =>
  shop.db.$transaction((tx) => applyCardSetup(tx, { setup, rail: shop.rail, now: new Date() }))
const planOf = (userId: bigint) => shop.db.rechargePlan.findUniqueOrThrow({ where: { userId } })

test('a saved card is taken once, however often the page is told of', async () => {
  const { userId, setup } = await savedPage()
  expect([await apply(setup), await apply(setup)]).toEqual([{ status: 'saved' }, { status: 'not_expected' }])
  expect(await planOf(userId)).toMatchObject({ state: 'on', paymentMethodId: setup.card?.paymentMethodId })
  expect(await shop.db.outboxItem.count({ where: { userId } })).toBe(1)
})

test.each<[string, Partial<CardSetup>]>([
  ['is not the one that was opened last', { id: 'cs_test_older' }],
  ['belongs to another customer', { customerId: 'cus_of_somebody_else' }],
  ['is of live mode while the key is not', { livemode: true }],
  ['names nobody', { userId: null }],
])('the card of a page that %s is never taken', async (_what, change) => {
  const { userId, setup } = await savedPage()
  expect(await apply({ ...setup, ...change })).toEqual({ status: 'not_expected' })
  expect(await planOf(userId)).toMatchObject({ state: 'awaiting_card', paymentMethodId: null })
})
