import type { CardOutcome, PaySessionInput, SavedCardBehaviour } from '#sandbox/stripe/control-types.ts'
import type { Dice } from '#testing/simulation/dice.ts'
import { count, type Person, type Town } from '#testing/simulation/people.ts'

/** What a buyer does on the payment page; several cards are tried one after the other. */
const ways = { good: 70, refused: 8, declinedThenGood: 6, challenged: 5, failsChallenge: 3, slow: 4, twoTabs: 4 }
const later: Record<SavedCardBehaviour, number> = {
  succeeds: 70,
  declined: 10,
  insufficient_funds: 5,
  expired_card: 5,
  authentication_required: 10,
}

export const laterBehaviour = (dice: Dice): SavedCardBehaviour => dice.weighted(later)

/** Clicks a pay link, pays in one way or another, and mostly comes back to the shop's page. */
export async function payBy(town: Town, person: Person, payLink: string): Promise<void> {
  const { web } = town.world
  const { dice } = person
  const token = payLink.split('/').at(-1) ?? ''
  const clicks = dice.chance(0.15) ? 3 : 1
  const opened = await Promise.all(Array.from({ length: clicks }, () => web.clickPayLink(token)))
  if (dice.chance(0.05)) return count(town, 'abandoned')
  const urls = new Set(opened.flatMap((one) => (one.status === 'redirect' ? [one.url] : [])))
  for (const url of urls) {
    const sessionId = /cs_\w+/.exec(url)?.[0]
    // Who has the subscription already is led to the billing page instead.
    if (sessionId === undefined) continue
    await payOn(town, person, sessionId)
    if (dice.chance(0.6)) await Promise.all(Array.from({ length: clicks }, () => web.land(token, sessionId)))
  }
}

async function payOn(town: Town, person: Person, sessionId: string): Promise<void> {
  const { dice } = person
  const savedCard = laterBehaviour(dice)
  const pay = (outcome: CardOutcome, more: Partial<PaySessionInput> = {}) =>
    tryToPay(town, person, { sessionId, outcome, savedCard, ...more })
  switch (dice.weighted(ways)) {
    case 'good':
      return pay('succeeds')
    case 'refused':
      return pay('insufficient_funds')
    case 'declinedThenGood':
      await pay('declined')
      return pay('succeeds')
    case 'challenged':
      return pay('authentication')
    case 'failsChallenge':
      return pay('authentication', { challenge: 'fail' })
    case 'slow':
      return pay('delayed')
    case 'twoTabs':
      await Promise.all([pay('succeeds'), pay('succeeds')])
  }
}

/** The page may be closed by now, or paid in another tab: then the buyer sees that and leaves. */
async function tryToPay(town: Town, person: Person, input: PaySessionInput): Promise<void> {
  try {
    const { session, status } = await town.world.stripe.paySession(input)
    count(town, `card ${status}`)
    if (session.customer !== null) person.customers.add(session.customer)
  } catch (error) {
    if (!(error instanceof Error) || !/has been completed|has expired|only cards/.test(error.message)) throw error
    count(town, 'page closed')
  }
}
