import { minorDigits } from '#core/money/format-money.ts'

const HOUR_SECONDS = 3_600
const DAY_SECONDS = 24 * HOUR_SECONDS

/** What one dollar is roughly worth, so that the first prices have a sensible size. The owner sets the real ones. */
const UNITS_PER_DOLLAR: Record<string, number> = {
  aed: 3.7,
  ars: 1000,
  bhd: 0.4,
  bif: 2900,
  cad: 1.4,
  clp: 950,
  cny: 7,
  cop: 4000,
  czk: 23,
  djf: 180,
  dkk: 7,
  egp: 48,
  gel: 2.7,
  gnf: 8600,
  hkd: 8,
  huf: 350,
  idr: 16_000,
  ils: 3.7,
  inr: 85,
  isk: 140,
  jod: 0.7,
  jpy: 150,
  kmf: 450,
  krw: 1400,
  kwd: 0.3,
  kzt: 500,
  mad: 10,
  mga: 4500,
  mxn: 19,
  myr: 4.4,
  nok: 10,
  omr: 0.4,
  pen: 3.7,
  php: 57,
  pln: 4,
  pyg: 7500,
  qar: 3.6,
  ron: 4.6,
  rub: 90,
  rwf: 1400,
  sar: 3.7,
  sek: 10,
  thb: 34,
  tnd: 3,
  try: 35,
  twd: 32,
  uah: 41,
  ugx: 3700,
  vnd: 25_000,
  vuv: 120,
  xaf: 600,
  xof: 600,
  xpf: 110,
  zar: 18,
}

/** Stripe counts hundredths of them, but takes whole ones only. */
const WHOLE_THOUGH_IN_HUNDREDTHS = new Set(['isk', 'ugx'])

const CREDITS = [
  { amount: 10, bonus: 0, dollars: 2.99 },
  { amount: 25, bonus: 0, dollars: 5.99 },
  { amount: 50, bonus: 0, dollars: 9.99 },
  { amount: 100, bonus: 10, dollars: 17.99 },
  { amount: 500, bonus: 75, dollars: 74.99 },
]

const PASSES = [
  { amount: HOUR_SECONDS, label: '1 hour pass', dollars: 2.99 },
  { amount: DAY_SECONDS, label: '1 day pass', dollars: 9.99 },
  { amount: 30 * DAY_SECONDS, label: '30 day pass', dollars: 99.99 },
]

/** The products a new business starts with, priced in the given currency. */
export function starterProducts(currency: string) {
  const credits = CREDITS.map(({ amount, bonus, dollars }) => ({
    kind: 'credits' as const,
    label: `${amount} credits`,
    amount,
    bonus,
    priceMinor: priceMinor(dollars, currency),
    priceStars: priceStars(dollars),
    quickBuy: amount,
  }))
  const passes = PASSES.map(({ amount, label, dollars }) => ({
    kind: 'time' as const,
    label,
    amount,
    bonus: 0,
    priceMinor: priceMinor(dollars, currency),
    priceStars: priceStars(dollars),
    quickBuy: null,
  }))
  return [...credits, ...passes].map((product, index) => ({ ...product, currency, sortOrder: (index + 1) * 10 }))
}

/** Recurring ones, to try the rest of the shop: most owners begin without. They come after the starters. */
export function demoSubscriptions(currency: string) {
  const common = { kind: 'subscription' as const, currency, bonus: 0, quickBuy: null }
  return [
    { ...common, gives: 'credits' as const, label: '100 credits a month', amount: 100, dollars: 14.99, sortOrder: 90 },
    { ...common, gives: 'access' as const, label: 'Monthly pass', amount: 1, dollars: 79.99, sortOrder: 100 },
  ].map(({ dollars, ...product }) => ({
    ...product,
    priceMinor: priceMinor(dollars, currency),
    priceStars: priceStars(dollars),
  }))
}

/** About what people pay for Stars where they buy them. */
function priceStars(dollars: number): number {
  return Math.round(dollars) * 50
}

/** 2.99 where that is how prices look, two significant digits where a unit is worth little. */
function priceMinor(dollars: number, currency: string): number {
  const isWhole = minorDigits(currency) === 0 || WHOLE_THOUGH_IN_HUNDREDTHS.has(currency)
  const units = dollars * (UNITS_PER_DOLLAR[currency] ?? (isWhole ? 500 : 1))
  const nice = isWhole || units >= 100 ? Number(units.toPrecision(2)) : Math.max(1, Math.round(units)) - 0.01
  return Math.round(nice * 10 ** minorDigits(currency))
}
