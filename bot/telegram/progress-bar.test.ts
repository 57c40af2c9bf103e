import { expect, test } from 'vitest'
import { progressBar } from '#bot/telegram/progress-bar.ts'
import { timeLeft } from '#bot/telegram/time-left.ts'

test.each([
  [10, 10, '▰▰▰▰▰▰▰▰▰▰'],
  [5, 10, '▰▰▰▰▰▱▱▱▱▱'],
  [0, 10, '▱▱▱▱▱▱▱▱▱▱'],
  [1, 1000, '▰▱▱▱▱▱▱▱▱▱'],
  [999, 1000, '▰▰▰▰▰▰▰▰▰▱'],
  [-3, 10, '▱▱▱▱▱▱▱▱▱▱'],
  [20, 10, '▰▰▰▰▰▰▰▰▰▰'],
  [0, 0, '▱▱▱▱▱▱▱▱▱▱'],
])('%i of %i is %s', (value, full, bar) => {
  expect(progressBar(value, full)).toBe(bar)
})

test.each([
  [0, '0m'],
  [-5_000, '0m'],
  [1_000, '1m'],
  [60_000, '1m'],
  [3_599_000, '1h'],
  [3_600_000, '1h'],
  [5_400_000, '1h 30m'],
  [86_399_000, '1d'],
  [97_200_000, '1d 3h'],
])('%i ms are %s', (ms, text) => {
  const now = new Date('2026-01-01T00:00:00Z')
  expect(timeLeft(new Date(now.getTime() + ms), now)).toBe(text)
})
