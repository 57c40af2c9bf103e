import { expect, test } from 'vitest'
import { describeFindings } from '#testing/simulation/findings.ts'
import { simulate } from '#testing/simulation/simulate.ts'

/** SIMULATION_SEED repeats another run as far as the machine lets it. */
const seed = Number(process.env.SIMULATION_SEED ?? 20_261_121)

test(`what twenty people paid, wrote and got back for eight days is in the books (SIMULATION_SEED=${seed})`, async () => {
  console.info(`SIMULATION_SEED=${seed}`)
  const { day, findings } = await simulate({ seed, users: 20, days: 8, active: 0.5 })
  expect(findings, `seed ${seed}, day ${day}\n${describeFindings(findings)}`).toEqual([])
}, 240_000)
