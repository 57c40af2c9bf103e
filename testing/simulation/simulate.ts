import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import type { WireObject } from '#sandbox/stripe/control-types.ts'
import { stockCatalogue } from '#testing/simulation/catalogue.ts'
import { checkBalances } from '#testing/simulation/check-balances.ts'
import { checkMessages } from '#testing/simulation/check-messages.ts'
import { checkPayments } from '#testing/simulation/check-payments.ts'
import { checkRecharges } from '#testing/simulation/check-recharges.ts'
import { liveThroughDay } from '#testing/simulation/day.ts'
import { createDice, type Dice } from '#testing/simulation/dice.ts'
import { describeFindings, type Finding } from '#testing/simulation/findings.ts'
import { compareWithStripe, spendNight } from '#testing/simulation/night.ts'
import { inParallel } from '#testing/simulation/patience.ts'
import { ask, count, type Person, type Town } from '#testing/simulation/people.ts'
import { settle } from '#testing/simulation/settling.ts'
import { checkStars } from '#testing/simulation/stars.ts'
import { openWorld, type World } from '#testing/simulation/world.ts'

const DAY_SECONDS = 86_400
const CHECKS = 10
const MOST_HOLIDAYS = 10

interface Simulation {
  seed: number
  users: number
  /** Of the calendar: some of them are holidays. */
  days: number
  /** The share of all users who do something on a day. */
  active: number
  /** Told at the end of each day. */
  onDay?: (line: string) => void
}

export interface SimulationReport {
  seed: number
  /** The day at which something was found, or that was the last. */
  day: number
  findings: Finding[]
  counts: Record<string, number>
}

/**
 * Many people use the whole product for many days: the real bot in a process of its own, the web app's handlers, a real
 * database, and stand-ins for Stripe and Telegram that fail as the real ones do. Afterwards the books are held against
 * those of Stripe and Telegram. The seed decides who does what; what crosses what is up to the machine.
 */
export async function simulate({ seed, users, days, active, onDay }: Simulation): Promise<SimulationReport> {
  const world = await openWorld()
  const dice = createDice(seed)
  const report: SimulationReport = { seed, day: 0, findings: [], counts: {} }
  try {
    const catalogue = await stockCatalogue(world)
    await world.startBot()
    const town: Town = { world, catalogue, people: [], counts: report.counts }
    await moveIn(town, dice, users)
    let checkedOn = 0
    for (let day = 1; day <= days && report.findings.length === 0; day += 1) {
      const startedAt = performance.now()
      report.day = day
      await liveThroughDay(town, dice.fork(day), active)
      await settle(world)
      await spendNight(town)
      if (day - checkedOn >= days / CHECKS || day === days) {
        report.findings = await check(town)
        checkedOn = day
      }
      await goToNextDay(town, dice)
      onDay?.(`seed ${seed} day ${day}: ${await describeDay(town)}, ${Math.round(performance.now() - startedAt)} ms`)
      if (dice.chance(0.2)) {
        const longest = Math.max(2, Math.min(MOST_HOLIDAYS, days / 4))
        day += await takeHoliday(town, Math.max(0, Math.min(dice.between(2, longest), days - day - 1)))
      }
    }
  } catch (error) {
    const rows = [error instanceof Error ? (error.stack ?? error.message) : String(error)]
    report.findings.push({ what: 'It broke off', rows })
  }
  try {
    Object.assign(report.counts, await countAtStripe(world))
  } finally {
    await world.close().catch((error: unknown) => {
      report.findings.push({ what: 'It could not be closed', rows: [String(error)] })
    })
  }
  return report
}

/** Everybody says hello; some come by the invitation of somebody who was there before. */
async function moveIn(town: Town, dice: Dice, users: number): Promise<void> {
  for (let index = 0; index < users; index += 1) {
    const { id, first_name: name } = town.world.telegram.createUser({ firstName: `Ann${index}` })
    const referrer = index > 0 && dice.chance(0.3) ? dice.pick(town.people) : null
    const common = { id, name, referrer, dice: dice.fork(1_000 + index) }
    town.people.push({ ...common, said: [], stars: [], customers: new Set(), agreedCapMinor: 0 })
  }
  await inParallel(town.people, 10, async (person) => void (await ask(town, person, hello(person))))
}

function hello({ referrer }: Person): string {
  return referrer ? `/start ref_${referrer.id.toString(36)}` : '/start'
}

async function check(town: Town): Promise<Finding[]> {
  const { world } = town
  const broken = await verifyLedger(world.database.pool)
  return [
    ...broken.map(({ rule, rows }) => ({ what: rule, rows })),
    ...(await checkPayments(town)),
    ...(await checkStars(town)),
    ...(await checkRecharges(town)),
    ...(await checkMessages(town)),
    ...(await checkBalances(town)),
    ...(await compareWithStripe(town)),
    ...(await givenUp(world)),
  ]
}

/** Nothing here is beyond delivery, so nothing may be given up. */
async function givenUp({ query, telegram }: World): Promise<Finding[]> {
  const dead = await query(`
    SELECT 'outbox' AS what, purpose AS about, error FROM outbox WHERE state = 'dead'
    UNION ALL SELECT 'inbox', payload::text, error FROM inbox WHERE dead_at IS NOT NULL`)
  const violations = telegram.violations()
  return [
    ...(dead.length > 0 ? [{ what: 'Given up', rows: dead }] : []),
    ...(violations.length > 0 ? [{ what: 'Calls against the protocol', rows: violations }] : []),
  ]
}

async function goToNextDay(town: Town, dice: Dice): Promise<void> {
  const { world } = town
  const isKilled = dice.chance(0.2)
  if (isKilled) {
    await world.killBot()
    count(town, 'kills')
  }
  await world.letPass(DAY_SECONDS)
  if (isKilled) await world.startBot()
}

/** Nobody does anything for some days, but subscriptions renew, passes run out and refunds arrive. Tells how many. */
async function takeHoliday(town: Town, days: number): Promise<number> {
  count(town, 'holidays', days)
  for (let day = 0; day < days; day += 1) {
    await settle(town.world)
    await spendNight(town)
    await town.world.letPass(DAY_SECONDS)
  }
  await settle(town.world)
  return days
}

async function describeDay({ world, counts }: Town): Promise<string> {
  const charges = (await world.stripe.listCharges()).filter(({ status }) => status === 'succeeded')
  return `${counts.messages ?? 0} messages, ${charges.length} charges, ${counts.kills ?? 0} kills`
}

async function countAtStripe({ stripe }: World): Promise<Record<string, number>> {
  const intents = await stripe.listPaymentIntents()
  const isRecharge = ({ metadata }: WireObject) => 'recharge_attempt' in (metadata as object)
  const invoices = await stripe.listInvoices()
  return {
    charges: (await stripe.listCharges()).filter(({ status }) => status === 'succeeded').length,
    recharges: intents.filter((intent) => isRecharge(intent) && intent.status === 'succeeded').length,
    'recharges refused': intents.filter((intent) => isRecharge(intent) && intent.status === 'canceled').length,
    'renewals paid': invoices.filter((one) => one.billing_reason === 'subscription_cycle' && one.status === 'paid')
      .length,
    'renewals open': invoices.filter((one) => one.billing_reason === 'subscription_cycle' && one.status !== 'paid')
      .length,
  }
}

/** One line, and what was found. */
export function describeReport({ seed, day, findings, counts }: SimulationReport): string {
  const happened = Object.entries(counts)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([what, times]) => `${what} ${times}`)
  const verdict = findings.length === 0 ? '✓' : '✗'
  const line = `${verdict} seed ${seed}, ${day} days: ${happened.join(', ')}`
  return findings.length === 0 ? line : `${line}\n${describeFindings(findings)}`
}
