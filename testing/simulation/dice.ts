import { randomFrom } from '#testing/random.ts'

/** Chance that is the same for the same seed. */
export interface Dice {
  /** True with this probability. */
  chance(probability: number): boolean
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number
  pick<T>(choices: readonly T[]): T
  /** One of the names, each as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name
  /** Dice of their own, so that what others throw meanwhile changes nothing. */
  fork(number: number): Dice
}

export function createDice(seed: number): Dice {
  const random = randomFrom(seed)
  const between = (least: number, most: number) => least + Math.floor(random() * (Math.floor(most) - least + 1))
  return {
    between,
    chance: (probability) => random() < probability,
    pick(choices) {
      const index = between(0, choices.length - 1)
      if (index >= choices.length) throw new Error('there is nothing to pick from')
      return choices[index] as (typeof choices)[number]
    },
    weighted(weights) {
      const entries = Object.entries<number>(weights)
      let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0)
      const chosen = entries.find(([, weight]) => {
        left -= weight
        return left < 0
      })
      return (chosen ?? entries[0])?.[0] as keyof typeof weights
    },
    fork: (number) => createDice(Math.imul(seed ^ (number + 1), 0x9e3779b1) ^ number),
  }
}
