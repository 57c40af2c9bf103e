import { DAY_MS, HOUR_MS, MINUTE_MS } from '#core/durations.ts'

/** How long until a moment, in its two largest units: "2d 3h", "5m". What has passed is "0m". */
export function timeLeft(until: Date, now: Date, locale = 'en'): string {
  // A started minute is still one the user has.
  const left = Math.max(0, Math.ceil((until.getTime() - now.getTime()) / MINUTE_MS)) * MINUTE_MS
  const days = Math.floor(left / DAY_MS)
  const hours = Math.floor((left % DAY_MS) / HOUR_MS)
  const minutes = (left % HOUR_MS) / MINUTE_MS
  if (days > 0) return join(count(days, 'day', locale), hours > 0 && count(hours, 'hour', locale))
  if (hours > 0) return join(count(hours, 'hour', locale), minutes > 0 && count(minutes, 'minute', locale))
  return count(minutes, 'minute', locale)
}

const formats = new Map<string, Intl.NumberFormat>()

function count(value: number, unit: 'day' | 'hour' | 'minute', locale: string): string {
  const key = `${locale} ${unit}`
  let format = formats.get(key)
  if (!format) {
    format = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'narrow' })
    formats.set(key, format)
  }
  return format.format(value)
}

function join(first: string, second: string | false): string {
  return second ? `${first} ${second}` : first
}
