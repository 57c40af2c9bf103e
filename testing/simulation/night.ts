import { type Logger, pino } from 'pino'
import type { BotServices } from '#bot/context.ts'
import { jobs } from '#bot/workers/jobs.ts'
import { botConfigSchema } from '#core/config/bot-config.ts'
import { reconcileOrders } from '#core/payments/checkout/reconcile-orders.ts'
import { reconcileStars, reconcileStarsRefunds } from '#core/payments/stars/reconcile-stars.ts'
import { checkAgainstStripe } from '#core/payments/stripe-events/check-against-stripe.ts'
import { wakeCappedPlans } from '#core/recharge/wake-capped-plans.ts'
import { createSettingsCache } from '#core/settings/settings-cache.ts'
import { reconcileSubscriptions } from '#core/subscriptions/reconcile-subscriptions.ts'
import { type Finding, found } from '#testing/simulation/findings.ts'
import { count, type Town } from '#testing/simulation/people.ts'
import { settle } from '#testing/simulation/settling.ts'

/** Everybody, whatever the sample takes. */
const limit = 100_000
/** After this long everything that is left to webhooks at first is asked for. */
const PATIENCE_SECONDS = 4 * 3_600
/** These two are done by the checks, with their findings. */
const LEFT_TO_CHECKS = ['verify-ledger', 'check-against-stripe']

/**
 * What the periodic jobs do while a day goes by, all of them once. The simulated day is over in seconds, so the bot's
 * own timers would come to little of it. What webhooks did not tell must be known afterwards.
 */
export async function spendNight(town: Town): Promise<void> {
  const { world } = town
  await world.letPass(PATIENCE_SECONDS)
  const services = await createServices(town)
  for (const job of jobs) if (!LEFT_TO_CHECKS.includes(job.name)) await job.run(services)
  await settle(world)
  await lookForOneself(town)
  await settle(world)
}

/** What the bot's workers do now and then without having been told. */
async function lookForOneself(town: Town): Promise<void> {
  const { db, rail, starsRail } = town.world
  const now = new Date()
  const orders = await reconcileOrders(db, rail, { now, limit })
  count(town, 'orders found paid', orders.granted)
  await reconcileSubscriptions(db, rail, { now, limit })
  const stars = await reconcileStars(db, starsRail, { now })
  count(town, 'Stars found', stars.payments + stars.refunds)
  await reconcileStarsRefunds(db, starsRail, { now })
  await wakeCappedPlans(db, { now, limit })
}

/** The services of a second bot that never leads: it takes no updates and sends nothing. */
async function createServices({ world, counts }: Town): Promise<BotServices> {
  const { database, rail, starsRail, botEnvironment } = world
  return {
    config: botConfigSchema.parse(botEnvironment),
    database,
    settings: await createSettingsCache(database.prisma, () => undefined),
    rail,
    starsRail,
    log: createLog(counts),
    now: () => new Date(),
    accept: () => Promise.reject(new Error('no message comes this way')),
    followGroup: () => undefined,
    forgetPerson: () => undefined,
  }
}

/** Only what the jobs warn of is counted. */
function createLog(counts: Record<string, number>): Logger {
  const write = (line: string) => {
    const { msg } = JSON.parse(line) as { msg: string }
    counts[msg] = (counts[msg] ?? 0) + 1
  }
  return pino({ level: 'warn' }, { write })
}

/** Stripe's own books, as the shop reads them every day, hold nothing that it did not know. */
export async function compareWithStripe({ world }: Town): Promise<Finding[]> {
  const { differences } = await checkAgainstStripe(world.db, world.rail, { now: new Date(), days: 400 })
  return found('The daily check found differences', differences)
}
