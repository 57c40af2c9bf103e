import type { Recurring } from '../objects/catalog.ts'

type Interval = Pick<Recurring, 'interval' | 'interval_count'>

/**
 * Where the period that begins at `start` ends. Counted from the anchor, so that a subscription of the 31st ends on
 * the last day of a short month and comes back to the 31st afterwards. All in seconds since the epoch, UTC.
 */
export function periodEnd(anchor: number, start: number, recurring: Interval): number {
  let count = 1
  while (addIntervals(anchor, recurring, count) <= start) count += 1
  return addIntervals(anchor, recurring, count)
}

function addIntervals(anchor: number, { interval, interval_count }: Interval, count: number): number {
  const steps = interval_count * count
  if (interval === 'day' || interval === 'week') return anchor + steps * (interval === 'day' ? 1 : 7) * 86_400
  return addMonths(anchor, interval === 'year' ? steps * 12 : steps)
}

function addMonths(seconds: number, months: number): number {
  const date = new Date(seconds * 1000)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + months)
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, lastDay))
  return Math.floor(date.getTime() / 1000)
}
