import { DAY_MS, HOUR_MS, MINUTE_MS } from '#core/durations.ts'

const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

/** "21 Nov 2026, 09:31 UTC": the same on server and browser, whatever their zones. */
export function formatExactTime(at: Date): string {
  return `${exact.format(at)} UTC`
}

/** "just now", "4 min", "3 h", "2 days": the age of something, without "ago". Clocks that run ahead read as now. */
export function formatAge(ageMs: number): string {
  if (ageMs < MINUTE_MS) return 'less than a minute'
  if (ageMs < HOUR_MS) return `${Math.floor(ageMs / MINUTE_MS)} min`
  if (ageMs < DAY_MS) return `${Math.floor(ageMs / HOUR_MS)} h`
  const days = Math.floor(ageMs / DAY_MS)
  return days === 1 ? '1 day' : `${days} days`
}

/** "just now", "4 min ago" … */
export function formatRelativeTime(at: Date, now: Date): string {
  const ageMs = now.getTime() - at.getTime()
  return ageMs < MINUTE_MS ? 'just now' : `${formatAge(ageMs)} ago`
}
