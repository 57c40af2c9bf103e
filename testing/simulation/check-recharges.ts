import type { WireObject } from '#sandbox/stripe/control-types.ts'
import { type Finding, found } from '#testing/simulation/findings.ts'
import type { Town } from '#testing/simulation/people.ts'

const WINDOW_SECONDS = 600
const MOST_IN_WINDOW = 2

/** By Stripe's own list: no card was charged too often or beyond what its owner agreed to. */
export async function checkRecharges(town: Town): Promise<Finding[]> {
  const charges = await readRecharges(town)
  const wrong: string[] = []
  for (const person of town.people) {
    const own = charges.filter((charge) => person.customers.has(String(charge.customer)))
    const times = own.map(({ created }) => Number(created)).sort((a, b) => a - b)
    times.forEach((first, index) => {
      const third = times[index + MOST_IN_WINDOW]
      if (third !== undefined && third - first < WINDOW_SECONDS)
        wrong.push(`${person.id}: three charges from ${first} on`)
    })
    const monthSoFar = secondsIntoMonth()
    for (const last of own) {
      const spent = own
        .filter(({ status, created }) => status === 'succeeded' && isWithin(created, last, monthSoFar))
        .reduce((sum, { amount }) => sum + Number(amount), 0)
      if (spent > person.agreedCapMinor)
        wrong.push(`${person.id}: ${spent} in a month, ${person.agreedCapMinor} agreed`)
    }
  }
  return found('Cards were charged beyond the agreement', wrong)
}

function isWithin(created: unknown, last: WireObject, seconds: number): boolean {
  const before = Number(last.created) - Number(created)
  return before >= 0 && before < seconds
}

/** The machine's calendar stands still, so the month that counts has always been as long as it is today. */
function secondsIntoMonth(): number {
  const now = new Date()
  return Math.floor((now.getTime() - Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)) / 1000)
}

/** Charges of payments that name an attempt, refused ones too. */
async function readRecharges({ world }: Town): Promise<WireObject[]> {
  const intents = await world.stripe.listPaymentIntents()
  const ids = new Set(
    intents.flatMap(({ id, metadata }) => ((metadata as Record<string, string>).recharge_attempt ? [id] : [])),
  )
  return (await world.stripe.listCharges()).filter(({ payment_intent: id }) => ids.has(String(id)))
}
