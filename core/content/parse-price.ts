import { minorDigits } from '#core/money/format-money.ts'

export interface ContentPrice {
  /** Null when it is not sold for credits. */
  credits: number | null
  /** In minor units of the shop's currency; null when it is not sold for money. */
  amountMinor: number | null
}

export type ParsedPrice =
  | { status: 'price'; price: ContentPrice /** What stands behind the price. */; rest: string }
  | { status: 'unreadable' }
  /** A price in another currency than the shop's. */
  | { status: 'wrong_currency' }
  /** Readable, but outside what can be charged. */
  | { status: 'out_of_bounds' }

const MOST_CREDITS = 1_000_000
/** Stripe takes no card payment below about half a dollar, and none of more than eight digits. */
const LEAST_MINOR = 50
const MOST_MINOR = 99_999_999

const signs: Record<string, string> = { $: 'usd', '€': 'eur', '£': 'gbp', '¥': 'jpy', '₹': 'inr', '₽': 'rub' }
const token =
  /^(?:(?<sign>[$€£¥₹₽])\s*(?<bySign>\d+(?:[.,]\d{1,3})?)|(?<number>\d+(?:[.,]\d{1,3})?)\s*(?<unit>credits?\b|cr\b|[$€£¥₹₽]|(?!or\b|and\b)[a-z]{3}\b)?)(?=$|[\s,;/+])/iu
const joint = /^\s*(?:[,;/+]|or\b|and\b)?\s*/iu

/**
 * Reads a price as people type it at the beginning of a text: `50`, `50 credits`, `$5`, `5 usd`, or one of each, as in
 * `50 credits or $5`. A bare number is credits. `currency` is the shop's.
 */
export function parsePrice(text: string, { currency }: { currency: string }): ParsedPrice {
  const price: ContentPrice = { credits: null, amountMinor: null }
  let rest = text.trim()
  for (;;) {
    const match = token.exec(rest)
    const { sign, bySign, number, unit } = match?.groups ?? {}
    const figure = bySign ?? number
    if (!match || figure === undefined) break
    const money = moneyUnit(sign ?? unit, currency)
    // A second price of one sort is no price: it belongs to the title behind.
    if (money === null ? price.credits !== null : price.amountMinor !== null) break
    if (money !== null && money !== currency) return { status: 'wrong_currency' }
    const amount = toWhole(figure, money === null ? 0 : minorDigits(currency))
    if (amount === null) return { status: 'unreadable' }
    if (money === null) price.credits = amount
    else price.amountMinor = amount
    rest = rest.slice(match[0].length).replace(joint, '')
  }
  if (price.credits === null && price.amountMinor === null) return { status: 'unreadable' }
  return isChargeable(price) ? { status: 'price', price, rest: rest.trim() } : { status: 'out_of_bounds' }
}

/** The currency that a unit names; null for credits. */
function moneyUnit(unit: string | undefined, currency: string): string | null {
  if (unit === undefined || /^cr(?:edits?)?$/i.test(unit)) return null
  // Dollars are the shop's own, where it counts in another country's.
  if (unit === '$' && /^(?:usd|cad|aud|nzd|sgd|hkd|mxn)$/.test(currency)) return currency
  return signs[unit] ?? unit.toLowerCase()
}

/** A decimal figure as a whole number of its smallest units; null when it has more digits than these. */
function toWhole(figure: string, digits: number): number | null {
  const [whole = '', fraction = ''] = figure.replace(',', '.').split('.')
  if (fraction.length > digits) return null
  const amount = Number(whole + fraction.padEnd(digits, '0'))
  return Number.isSafeInteger(amount) ? amount : null
}

function isChargeable({ credits, amountMinor }: ContentPrice): boolean {
  if (credits !== null && (credits < 1 || credits > MOST_CREDITS)) return false
  return amountMinor === null || (amountMinor >= LEAST_MINOR && amountMinor <= MOST_MINOR)
}
