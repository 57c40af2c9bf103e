import { expect, test } from 'vitest'
import { cardBrand } from '#core/rails/card-brand.ts'

test.each([
  ['visa', 'Visa'],
  ['mastercard', 'Mastercard'],
  ['amex', 'American Express'],
  ['unknown', 'Card'],
  [null, 'Card'],
])('the brand %s is called %s, as it stands on the card', (brand, name) => {
  expect(cardBrand(brand)).toBe(name)
})
