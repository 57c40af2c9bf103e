import { DAY_MS } from '#core/durations.ts'
import type { NewPromoCode } from '#core/promotions/create-promo-code.ts'

export type PromoCommand =
  | { do: 'list' }
  | { do: 'switch'; code: string; active: boolean }
  | { do: 'create'; promo: NewPromoCode }
  | { do: 'nothing' }

const SECONDS = { m: 60, h: 3_600, d: 86_400 } as const

/** What an option is called and how its value is read; the number is null where it makes no sense. */
const options = { uses: readCount, days: readCount, last: readCount, pass: readDuration } as const

/**
 * What a team member wants of promo codes: nothing behind the command lists them, `CODE on` and `CODE off` switch one,
 * `CODE 50 uses=10 days=30 last=14 pass=1d` makes one. `nothing` is what makes no sense.
 */
export function parsePromoCommand(text: string, now: Date): PromoCommand {
  const [code, ...rest] = text.trim().split(/\s+/)
  if (!code) return { do: 'list' }
  const [first = ''] = rest
  if (rest.length === 1 && /^(on|off)$/i.test(first)) {
    return { do: 'switch', code, active: first.toLowerCase() === 'on' }
  }
  const credits = first.includes('=') ? 0 : readCount(first)
  const read = readOptions(first.includes('=') ? rest : rest.slice(1))
  if (credits === null || read === null) return { do: 'nothing' }
  const { uses, days, last, pass } = read
  const promo = {
    code,
    credits,
    passSeconds: pass ?? 0,
    maxUses: uses ?? null,
    expiresAt: days === undefined ? null : new Date(now.getTime() + days * DAY_MS),
    creditsLastDays: last ?? null,
  }
  return { do: 'create', promo }
}

function readOptions(words: readonly string[]): Partial<Record<keyof typeof options, number>> | null {
  const read: Partial<Record<keyof typeof options, number>> = {}
  for (const word of words) {
    const [name = '', value = ''] = word.toLowerCase().split('=', 2)
    if (!isOption(name) || read[name] !== undefined) return null
    const number = options[name](value)
    if (number === null) return null
    read[name] = number
  }
  return read
}

function isOption(name: string): name is keyof typeof options {
  return Object.hasOwn(options, name)
}

function readCount(value: string): number | null {
  return /^\d{1,9}$/.test(value) ? Number(value) : null
}

/** Such as 30m, 12h or 7d. */
function readDuration(value: string): number | null {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(value) ?? []
  return count && unit ? Number(count) * SECONDS[unit as keyof typeof SECONDS] : null
}
