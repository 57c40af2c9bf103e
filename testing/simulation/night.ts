import { forgetKeptMessages } from '#core/kept-messages/drop-kept-message.ts'
import { expireBonus } from '#core/ledger/expire-bonus.ts'
import { warnEndingBonus } from '#core/ledger/warn-ending-bonus.ts'
import { warnEndingPasses } from '#core/ledger/warn-ending-passes.ts'
import { checkAgainstStripe } from '#core/payments/check-against-stripe.ts'
import { fetchMissedEvents } from '#core/payments/fetch-missed-events.ts'
import { reconcileOrders } from '#core/payments/reconcile-orders.ts'
import { reconcileRefunds } from '#core/payments/reconcile-refunds.ts'
import { wakeCappedPlans } from '#core/recharge/wake-capped-plans.ts'
import { reconcileSubscriptions } from '#core/subscriptions/reconcile-subscriptions.ts'
import type { Finding } from '#testing/simulation/findings.ts'
import { count, type Town } from '#testing/simulation/people.ts'
import { settle } from '#testing/simulation/settling.ts'

/** Everybody, whatever the sample takes. */
const limit = 100_000

/**
 * What the periodic jobs do while a day goes by, all of it once. The simulated day is over in seconds, so the bot's own
 * timers would come to little of it. What webhooks did not tell must be known afterwards.
 */
export async function spendNight(town: Town): Promise<void> {
  const { world } = town
  const { db, rail } = world
  const now = new Date()
  const { missed } = await fetchMissedEvents(db, rail, { now })
  count(town, 'missed events', missed)
  await settle(world)
  await reconcileRefunds(db, rail, { now, leftAloneSeconds: 0, limit })
  const orders = await reconcileOrders(db, rail, { now, limit })
  count(town, 'orders found paid', orders.granted)
  await reconcileSubscriptions(db, rail, { now, limit })
  await wakeCappedPlans(db, { now })
  await warnEndingPasses(db, { withinSeconds: 300 })
  await warnEndingBonus(db, { days: 1, now })
  await expireBonus(db, { now })
  await forgetKeptMessages(db, { now })
  await settle(world)
}

/** Stripe's own books, as the shop reads them every day, hold nothing that it did not know. */
export async function compareWithStripe({ world }: Town): Promise<Finding[]> {
  const { differences } = await checkAgainstStripe(world.db, world.rail, { now: new Date(), days: 400 })
  return differences.length === 0 ? [] : [{ what: 'The daily check found differences', rows: differences }]
}
