import { setTimeout as delay } from 'node:timers/promises'
import type { ApiFault } from '#sandbox/stripe/control-types.ts'
import type { Dice } from '#testing/simulation/dice.ts'
import { count, type Town } from '#testing/simulation/people.ts'
import type { World } from '#testing/simulation/world.ts'

const LONGEST_LIFE_MS = 1_500

/** Breaks what can break on a day. `end` lets everything through again and leaves a bot that runs. */
export async function startTrouble(town: Town, dice: Dice): Promise<{ end(): Promise<void> }> {
  const { world } = town
  const order = await troubleWebhooks(town, dice)
  await troubleAnswers(world, dice)
  const killer = dice.chance(0.5) ? startKilling(town, dice.fork(1), dice.between(1, 2)) : null
  return {
    async end() {
      await killer
      await world.stripe.clearApiFaults()
      world.telegram.clearFaults()
      await world.stripe.resumeWebhooks({ order })
      await world.stripe.waitForIdleWebhooks({ timeoutMs: 60_000 })
      await world.stripe.setWebhookFaults({})
    },
  }
}

/** Webhooks come twice, late, out of order, all at the end, or never. */
async function troubleWebhooks({ world, counts }: Town, dice: Dice): Promise<'emitted' | 'reversed' | 'shuffled'> {
  const mood = dice.weighted({ good: 25, doubled: 20, shuffled: 20, held: 20, dropped: 25 })
  counts[`days of ${mood} webhooks`] = (counts[`days of ${mood} webhooks`] ?? 0) + 1
  switch (mood) {
    case 'good':
      break
    case 'doubled':
      await world.stripe.setWebhookFaults({ copies: 3, shuffleWithinMs: 300 })
      break
    case 'shuffled':
      await world.stripe.setWebhookFaults({ shuffleWithinMs: 1_500 })
      break
    case 'held':
      await world.stripe.pauseWebhooks()
      break
    case 'dropped':
      await world.stripe.setWebhookFaults({ drop: dice.between(5, 200) })
  }
  return dice.pick(['emitted', 'reversed', 'shuffled'] as const)
}

/** Answers of Stripe and Telegram fail, tarry and get lost. */
async function troubleAnswers({ stripe, telegram }: World, dice: Dice): Promise<void> {
  const kinds: ApiFault['kind'][] = ['rate_limit', 'server_error', 'slow', 'drop_before', 'drop_after']
  for (let faults = dice.between(0, 4); faults > 0; faults -= 1) {
    await stripe.addApiFault({ kind: dice.pick(kinds), times: dice.between(1, 6), delayMs: 300 })
  }
  if (dice.chance(0.5)) telegram.addFault({ kind: 'drop-after-accept', probability: 0.02, times: 0 })
  if (dice.chance(0.5)) telegram.addFault({ kind: '500', probability: 0.05, times: 0 })
}

async function startKilling(town: Town, dice: Dice, times: number): Promise<void> {
  const { world } = town
  for (let kill = 0; kill < times; kill += 1) {
    await delay(dice.between(50, LONGEST_LIFE_MS))
    await world.killBot()
    count(town, 'kills')
    await world.startBot()
  }
}
