/** Currencies whose minor unit is the whole: https://docs.stripe.com/currencies#zero-decimal, and Telegram Stars. */
const ZERO_DECIMAL = new Set(
  'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF XTR'.split(' '), // ISK and UGX count hundredths there
)
const THREE_DECIMAL = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND'])

/** How many digits after the point one minor unit stands for, as Stripe counts them. */
export function minorDigits(currency: string): 0 | 2 | 3 {
  const code = currency.toUpperCase()
  if (ZERO_DECIMAL.has(code)) return 0
  return THREE_DECIMAL.has(code) ? 3 : 2
}

/**
 * An amount in minor units with its currency, as people read it: 1250 and `usd` is "$12.50", 500 and `jpy` "¥500".
 * Telegram Stars (`xtr`) have no sign of their own.
 */
export function formatMoney(
  { amountMinor, currency }: { amountMinor: number | bigint; currency: string },
  locale = 'en',
): string {
  const digits = minorDigits(currency)
  const code = currency.toUpperCase()
  const amount = decimal(BigInt(amountMinor), digits)
  if (code === 'XTR') return `${new Intl.NumberFormat(locale).format(amount)} ${amount === '1' ? 'Star' : 'Stars'}`
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: code,
    currencyDisplay: 'symbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount)
}

/** As a decimal string, which Intl formats exactly where a floating-point number would round. */
function decimal(amountMinor: bigint, digits: number): `${number}` {
  const sign = amountMinor < 0n ? '-' : ''
  const all = (amountMinor < 0n ? -amountMinor : amountMinor).toString().padStart(digits + 1, '0')
  const whole = all.slice(0, all.length - digits)
  const fraction = all.slice(all.length - digits)
  return (digits === 0 ? `${sign}${whole}` : `${sign}${whole}.${fraction}`) as `${number}`
}
