import { expect, test } from 'vitest'
import { parsePrice } from '#core/content/parse-price.ts'
import { formatMoney } from '#core/money/format-money.ts'

const usd = { currency: 'usd' }

test.each([
  ['50', { credits: 50, amountMinor: null }, ''],
  ['50 credits', { credits: 50, amountMinor: null }, ''],
  ['1 credit', { credits: 1, amountMinor: null }, ''],
  ['$5', { credits: null, amountMinor: 500 }, ''],
  ['$ 4.99', { credits: null, amountMinor: 499 }, ''],
  ['4,99 $', { credits: null, amountMinor: 499 }, ''],
  ['5 usd', { credits: null, amountMinor: 500 }, ''],
  ['5.5 USD', { credits: null, amountMinor: 550 }, ''],
  ['50 credits or $5', { credits: 50, amountMinor: 500 }, ''],
  ['$5, 50', { credits: 50, amountMinor: 500 }, ''],
  ['50 5usd', { credits: 50, amountMinor: 500 }, ''],
  ['50 Beach set', { credits: 50, amountMinor: null }, 'Beach set'],
  ['$5 Beach set 12', { credits: null, amountMinor: 500 }, 'Beach set 12'],
  ['50 credits 100 photos', { credits: 50, amountMinor: null }, '100 photos'],
  ['50 Set', { credits: 50, amountMinor: null }, 'Set'],
  ['50 for you', { credits: 50, amountMinor: null }, 'for you'],
  ['5 all of it', { credits: 5, amountMinor: null }, 'all of it'],
  ['50 or $5 or so', { credits: 50, amountMinor: 500 }, 'so'],
  ['50\nBeach set', { credits: 50, amountMinor: null }, 'Beach set'],
])('%j is a price, and what stands behind it is a title', (text, price, rest) => {
  expect(parsePrice(text, usd)).toEqual({ status: 'price', price, rest })
})

test.each(['usd', 'chf', 'cad', 'jpy', 'kwd', 'pln', 'brl', 'try', 'xof', 'aud'])(
  'a price in the shop’s own %s is read as we write it ourselves',
  (currency) => {
    const written = formatMoney({ amountMinor: 500, currency })
    for (const text of [written, `${currency.toUpperCase()} ${written.replace(/^\D+/, '')}`]) {
      const price = { credits: null, amountMinor: 500 }
      expect(parsePrice(`${text} Beach set`, { currency })).toEqual({ status: 'price', price, rest: 'Beach set' })
      const either = { credits: 50, amountMinor: 500 }
      expect(parsePrice(`50 credits or ${text}`, { currency })).toEqual({ status: 'price', price: either, rest: '' })
    }
  },
)

test.each([
  ['', 'unreadable'],
  ['free', 'unreadable'],
  ['-5', 'unreadable'],
  ['1.5', 'unreadable'],
  ['$4.999', 'unreadable'],
  ['$1e3', 'unreadable'],
  ['99999999999999999999', 'unreadable'],
  ['5 eur', 'wrong_currency'],
  ['50 thb', 'wrong_currency'],
  ['€5', 'wrong_currency'],
  ['0', 'out_of_bounds'],
  ['1000001', 'out_of_bounds'],
  ['$0.49', 'out_of_bounds'],
  ['$1000000', 'out_of_bounds'],
])('%j cannot be charged: %s', (text, status) => {
  expect(parsePrice(text, usd)).toEqual({ status })
})

test('a currency counts in its own digits, and a dollar sign is the shop’s own dollar', () => {
  expect(parsePrice('¥500', { currency: 'jpy' })).toMatchObject({ price: { amountMinor: 500 } })
  expect(parsePrice('500.5 jpy', { currency: 'jpy' })).toEqual({ status: 'unreadable' })
  expect(parsePrice('1.250 kwd', { currency: 'kwd' })).toMatchObject({ price: { amountMinor: 1250 } })
  expect(parsePrice('$5', { currency: 'cad' })).toMatchObject({ price: { amountMinor: 500 } })
  expect(parsePrice('50 try', { currency: 'try' })).toMatchObject({ price: { amountMinor: 5000 } })
  expect(parsePrice('$5', { currency: 'eur' })).toEqual({ status: 'wrong_currency' })
})
