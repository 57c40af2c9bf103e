const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const clockWithSeconds = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long' })
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })

export function clockTime(ms: number): string {
  return clock.format(ms)
}

export function clockTimeWithSeconds(ms: number): string {
  return clockWithSeconds.format(ms)
}

export function exactTime(ms: number): string {
  return exact.format(ms)
}

/** “today”, “yesterday”, then the date. */
export function dayName(ms: number): string {
  const days = Math.round((startOfDay(ms) - startOfDay(Date.now())) / 86_400_000)
  return days > -2 ? relative.format(days, 'day') : day.format(ms)
}

export function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0)
}

export function duration(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
}

export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
