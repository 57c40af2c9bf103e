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
export const LEAST_MINOR = 50
const MOST_MINOR = 99_999_999

const signs: Record<string, string> = { $: 'usd', '€': 'eur', '£': 'gbp', '¥': 'jpy', '₹': 'inr', '₽': 'rub' }
/** Codes that are also English words begin a title rather than name a currency, unless they are the shop's own. */
const words = new Set('ALL BAM CUP GEL MAD MOP PEN SOS TOP TRY'.split(' '))
const codes = new Set(Intl.supportedValuesOf('currency').filter((code) => !words.has(code)))
const sign = `[${Object.keys(signs).join('')}]`
const figure = new RegExp(
  String.raw`^(?:(?<sign>${sign})\s*)?(?<number>\d+(?:[.,]\d{1,3})?)(?<behind>\s*(?:credits?\b|cr\b|${sign}|[a-z]{3}\b))?(?=$|[\s,;/+])`,
  'iu',
)
const joint = /^\s*(?:[,;/+]|or\b|and\b)?\s*/iu

/**
 * Reads a price as people type it at the beginning of a text: `50`, `50 credits`, `$5`, `5 usd`, `CHF 5`, or one of each, as in
 * `50 credits or $5`. A bare number is credits. `currency` is the shop's.
 */
export function parsePrice(text: string, { currency }: { currency: string }): ParsedPrice {
  const price: ContentPrice = { credits: null, amountMinor: null }
  let rest = text.trim()
  for (;;) {
    const found = readFigure(rest, currency)
    // A second price of one sort is no price: it belongs to the title behind.
    if (!found || (found.money === null ? price.credits : price.amountMinor) !== null) break
    const { money, number, length } = found
    if (money !== null && money !== currency) return { status: 'wrong_currency' }
    const amount = toWhole(number, money === null ? 0 : minorDigits(currency))
    if (amount === null) return { status: 'unreadable' }
    if (money === null) price.credits = amount
    else price.amountMinor = amount
    rest = rest.slice(length).replace(joint, '')
  }
  if (price.credits === null && price.amountMinor === null) return { status: 'unreadable' }
  return isChargeable(price) ? { status: 'price', price, rest: rest.trim() } : { status: 'out_of_bounds' }
}

/** A number with its unit at the beginning of a text; `money` is its currency, null for credits. */
function readFigure(text: string, currency: string): { number: string; money: string | null; length: number } | null {
  const before = ownPrefix(text, currency)
  const match = figure.exec(text.slice(before.length))
  const { sign, number, behind = '' } = match?.groups ?? {}
  if (!match || number === undefined) return null
  const unit = before === '' ? (sign ?? behind.trim()) : currency
  const money = moneyUnit(unit, currency)
  if (money !== undefined) return { number, money, length: before.length + match[0].length }
  // No unit after all: the word belongs to the title.
  return { number, money: null, length: match[0].length - behind.length }
}

/** The shop's currency before a number, as our own prices have it: "CHF 5.00", "CA$5.00". Empty when it is not there. */
function ownPrefix(text: string, currency: string): string {
  const code = currency.toUpperCase()
  const parts = new Intl.NumberFormat('en', { style: 'currency', currency: code }).formatToParts(0)
  const symbol = parts.find(({ type }) => type === 'currency')?.value ?? code
  const found = [symbol, code].find((name) => text.slice(0, name.length).toUpperCase() === name.toUpperCase())
  const [prefix] = found === undefined ? [] : (/^\s*(?=\d)/.exec(text.slice(found.length)) ?? [])
  return prefix === undefined || found === undefined ? '' : text.slice(0, found.length) + prefix
}

/** The currency that a unit names; null for credits, undefined for any other word. */
function moneyUnit(unit: string, currency: string): string | null | undefined {
  if (unit === '' || /^cr(?:edits?)?$/i.test(unit)) return null
  // Dollars are the shop's own, where it counts in another country's.
  if (unit === '$' && /^(?:usd|cad|aud|nzd|sgd|hkd|mxn)$/.test(currency)) return currency
  const code = signs[unit] ?? unit.toLowerCase()
  return code === currency || codes.has(code.toUpperCase()) ? code : undefined
}

/** A decimal figure as a whole number of its smallest units; null when it has more digits than these. */
function toWhole(number: string, digits: number): number | null {
  const [whole = '', fraction = ''] = number.replace(',', '.').split('.')
  if (fraction.length > digits) return null
  const amount = Number(whole + fraction.padEnd(digits, '0'))
  return Number.isSafeInteger(amount) ? amount : null
}

function isChargeable({ credits, amountMinor }: ContentPrice): boolean {
  if (credits !== null && (credits < 1 || credits > MOST_CREDITS)) return false
  return amountMinor === null || (amountMinor >= LEAST_MINOR && amountMinor <= MOST_MINOR)
}
