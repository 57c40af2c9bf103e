import { expect, test } from 'vitest'
import { formatMoney } from '#core/money/format-money.ts'

test.each([
  [1250, 'usd', '$12.50'],
  [5, 'usd', '$0.05'],
  [-1999, 'eur', '-€19.99'],
  [500, 'jpy', '¥500'],
  [1234, 'kwd', 'KWD 1.234'],
  [1250, 'cad', 'CA$12.50'],
  [100, 'isk', 'ISK 1.00'],
  [2500, 'xtr', '2,500 Stars'],
  [1, 'xtr', '1 Star'],
  [123_456_789_012, 'usd', '$1,234,567,890.12'],
  [9_007_199_254_740_993n, 'usd', '$90,071,992,547,409.93'],
])('%s minor units of %s read %s', (amountMinor, currency, expected) => {
  expect(formatMoney({ amountMinor, currency }).replace(/\u00A0/g, ' ')).toBe(expected)
})
