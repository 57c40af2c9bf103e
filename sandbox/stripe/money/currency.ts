import { invalidRequest } from '../errors.ts'
import type { Parser } from '../params.ts'

const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf'.split(' '))
const TWO_DECIMAL = new Set(
  'usd eur gbp aud cad nzd chf sek nok dkk pln czk huf ron bgn brl mxn ars cop pen inr idr myr php thb sgd hkd cny twd zar ils try aed sar qar egp mad uah gel kzt'.split(
    ' ',
  ),
)

/** Smallest charge per currency, in minor units, where the real one is not simply 50. */
const MINIMUM: Record<string, number> = {
  gbp: 30,
  dkk: 250,
  nok: 300,
  sek: 300,
  pln: 200,
  czk: 1500,
  huf: 17500,
  ron: 200,
  mxn: 1000,
  hkd: 400,
  myr: 200,
  thb: 1000,
  aed: 200,
  jpy: 50,
}

export const currency: Parser<string> = (node, at) => {
  const value = typeof node === 'string' ? node.toLowerCase() : ''
  if (ZERO_DECIMAL.has(value) || TWO_DECIMAL.has(value)) return value
  throw invalidRequest(
    `Invalid currency: ${value}. Stripe currently supports these currencies: ${[...TWO_DECIMAL, ...ZERO_DECIMAL].sort().join(', ')}`,
    { param: at },
  )
}

export function formatMoney(amountMinor: number, code: string): string {
  const zeroDecimal = ZERO_DECIMAL.has(code)
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: code.toUpperCase(),
    minimumFractionDigits: zeroDecimal ? 0 : 2,
  }).format(zeroDecimal ? amountMinor : amountMinor / 100)
}

/** Refuses amounts nobody can be charged. `subject` starts the sentence. */
export function requireChargeable(amountMinor: number, code: string, param: string, subject = 'Amount must be'): void {
  if (amountMinor > 99_999_999)
    throw invalidRequest(`${subject} no more than ${formatMoney(99_999_999, code)}`, {
      param,
      code: 'amount_too_large',
    })
  const minimum = MINIMUM[code] ?? (ZERO_DECIMAL.has(code) ? 1 : 50)
  if (amountMinor < minimum)
    throw invalidRequest(`${subject} at least ${formatMoney(minimum, code)} ${code}`, {
      param,
      code: 'amount_too_small',
    })
}
