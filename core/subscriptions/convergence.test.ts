import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { subscriptionRules } from '#core/ledger/rules-subscriptions.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { recordStripeEvent, stripeEventSchema } from '#core/payments/stripe-events/record-stripe-event.ts'
import { applySubscription, StaleAnswerError } from '#core/subscriptions/apply-subscription.ts'
import { askAboutSubscription } from '#core/subscriptions/ask-about-subscription.ts'
import { deliverEvents, openShop, processDueEvents, type Shop } from '#testing/payments/shop.ts'
import {
  newSubscriber,
  orderSubscription,
  passDays,
  payFirstMonth,
  readSubscriptionBooks,
} from '#testing/payments/subscriber.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(() => shop.close())

/** Keeps these events of Stripe's (by position), each under a name of its own, and works on them all at once. */
async function ring(picks: number[]): Promise<void> {
  const events = await shop.world.listEvents()
  for (const pick of picks) {
    const event = events[pick % events.length]
    if (event)
      await recordStripeEvent(shop.database.pool, stripeEventSchema.parse({ ...event, id: `evt_${randomUUID()}` }))
  }
  await processDueEvents(shop)
}

/** What must not depend on the order of the news. How often a failure was told does: missed ones are passed over. */
async function finalState(userId: bigint) {
  const { notices, ...books } = await readSubscriptionBooks(shop, userId)
  return { ...books, notices: notices.filter((text) => text !== 'sub-failed').toSorted() }
}

type Life = (given: { subscriptionId: string; customerId: string }) => Promise<void>

/** What happens to a subscription at Stripe, step by step; between the steps the shop hears this and that. */
const lives: Record<string, Life[]> = {
  'renewed twice, then cancelled at the end': [
    () => passDays(shop, 32),
    () => passDays(shop, 33),
    async ({ subscriptionId }) => {
      await shop.sdk.subscriptions.update(subscriptionId, { cancel_at_period_end: true })
    },
    () => passDays(shop, 32),
  ],
  'failed, recovered, cancelled and taken back': [
    async ({ customerId }) => {
      await shop.world.setSavedCardBehaviour({ customerId, behaviour: 'declined' })
      await passDays(shop, 32)
    },
    async ({ customerId }) => {
      await shop.world.setSavedCardBehaviour({ customerId, behaviour: 'succeeds' })
      await passDays(shop, 8)
    },
    async ({ subscriptionId }) => {
      await shop.sdk.subscriptions.update(subscriptionId, { cancel_at_period_end: true })
      await shop.sdk.subscriptions.update(subscriptionId, { cancel_at_period_end: false })
    },
  ],
  'failed for good': [
    async ({ customerId }) => {
      await shop.world.setSavedCardBehaviour({ customerId, behaviour: 'expired_card' })
      await passDays(shop, 32)
    },
    () => passDays(shop, 20),
  ],
}

const expectedPaid: Record<string, number> = {
  'renewed twice, then cancelled at the end': 90,
  'failed, recovered, cancelled and taken back': 60,
  'failed for good': 30,
}

test.each(Object.keys(lives))(
  'a subscription that was %s ends the same, in whatever order and however often the news come',
  async (name) => {
    let reference: unknown
    const picks = fc.array(fc.nat(200), { maxLength: 12 })
    const steps = lives[name] ?? []
    await fc.assert(
      fc.asyncProperty(fc.array(picks, { minLength: steps.length + 1, maxLength: steps.length + 1 }), async (heard) => {
        await shop.world.reset()
        const subscriber = await payFirstMonth(shop, await orderSubscription(shop))
        for (const [index, step] of steps.entries()) {
          await ring(heard[index] ?? [])
          await step(subscriber)
        }
        await ring(heard.at(-1) ?? [])
        await deliverEvents(shop)
        const { alerts, ...state } = await finalState(subscriber.userId)
        expect(alerts).toEqual([])
        expect(state.paid).toBe(expectedPaid[name])
        reference ??= state
        expect(state).toEqual(reference)
        expect(await verifyLedger(shop.database.pool)).toEqual([])
      }),
      { numRuns: 5, endOnFailure: true },
    )
  },
  120_000,
)

test('an answer that was asked for earlier does not overwrite a later one', async () => {
  const { subscriptionId, userId } = await newSubscriber(shop)
  const before = await askAboutSubscription(shop.db, shop.rail, { subscriptionId })
  if (!before) throw new Error('it is there')
  await shop.sdk.subscriptions.update(subscriptionId, { cancel_at_period_end: true })
  await deliverEvents(shop)
  const applyOld = shop.db.$transaction((tx) =>
    applySubscription(tx, { answer: before, rail: shop.rail, now: new Date() }),
  )
  await expect(applyOld).rejects.toThrow(StaleAnswerError)
  expect((await readSubscriptionBooks(shop, userId)).subscriptions).toMatchObject([{ ends: true }])
})

const wrongs: [string, string, string][] = [
  [
    'a period that was booked otherwise',
    'UPDATE payments SET granted_paid = granted_paid + 1',
    'Every paid period of a subscription is booked as it was granted',
  ],
  ['a period without money', `DELETE FROM payments WHERE order_id IS NULL`, 'Every period in the ledger was paid for'],
  [
    'a payment of somebody else',
    `INSERT INTO users (id, first_name) VALUES (1, 'Bob'); UPDATE subscriptions SET user_id = 1`,
    'Who pays for a subscription is who has it',
  ],
]

test.each(wrongs)('the check of the books finds %s', async (_what, sql, rule) => {
  await newSubscriber(shop)
  await passDays(shop, 33)
  await deliverEvents(shop)
  expect(await verifyLedger(shop.database.pool)).toEqual([])
  await shop.database.pool.query(sql)
  expect((await verifyLedger(shop.database.pool)).map((finding) => finding.rule)).toContain(rule)
})

test('every rule of subscriptions has a wrong that it finds', () => {
  expect(new Set(wrongs.map(([, , rule]) => rule)).size).toBe(subscriptionRules.length)
})
