import { workInBackOffice } from '#testing/simulation/back-office.ts'
import { buy, unlock } from '#testing/simulation/buying.ts'
import type { Dice } from '#testing/simulation/dice.ts'
import { inParallel } from '#testing/simulation/patience.ts'
import { ask, count, type Person, type Town } from '#testing/simulation/people.ts'
import { agree, stopRecharging } from '#testing/simulation/recharging.ts'
import { refundStars } from '#testing/simulation/stars.ts'
import { changeSubscription } from '#testing/simulation/subscribing.ts'
import { startTrouble } from '#testing/simulation/trouble.ts'
import { write } from '#testing/simulation/writing.ts'

const AT_ONCE = 24
const MOST_ACTS = 3

/** What people do on a day, each as often as its number says. */
const doings = {
  write: 50,
  buyCredits: 20,
  buyTime: 4,
  subscribe: 6,
  changeSubscription: 4,
  unlock: 8,
  recharge: 8,
  stopRecharging: 1,
  redeem: 6,
}

/** One day: people and team are at work, everything that can break breaks, and the bot is killed now and then. */
export async function liveThroughDay(town: Town, dice: Dice, share: number): Promise<void> {
  const trouble = await startTrouble(town, dice)
  const active = town.people.filter(({ dice: own }) => own.chance(share))
  await Promise.all([
    inParallel(active, AT_ONCE, (person) => act(town, person)),
    workInBackOffice(town, dice),
    refundStars(town, dice.fork(2)),
  ])
  await trouble.end()
}

async function act(town: Town, person: Person): Promise<void> {
  const { catalogue } = town
  const { dice } = person
  for (let acts = dice.between(1, MOST_ACTS); acts > 0; acts -= 1) {
    switch (dice.weighted(doings)) {
      case 'write':
        for (let messages = dice.between(1, 12); messages > 0; messages -= 1) await write(town, person)
        break
      case 'buyCredits':
        await buy(town, person, dice.pick(catalogue.ofKind('credits')))
        break
      case 'buyTime':
        await buy(town, person, dice.pick(catalogue.ofKind('time')))
        break
      case 'subscribe':
        await buy(town, person, dice.pick(catalogue.ofKind('subscription')))
        break
      case 'changeSubscription':
        await changeSubscription(town, person)
        break
      case 'unlock':
        await unlock(town, person, dice.pick(catalogue.ofKind('content')))
        break
      case 'recharge':
        await agree(town, person)
        break
      case 'stopRecharging':
        await stopRecharging(town, person)
        break
      case 'redeem':
        await redeem(town, person)
    }
  }
}

/** The same code from two devices at once. */
async function redeem(town: Town, person: Person): Promise<void> {
  const { code } = person.dice.pick(town.catalogue.codes)
  count(town, 'codes tried')
  await Promise.all([ask(town, person, `/redeem ${code}`), ask(town, person, `/start promo_${code}`)])
}
