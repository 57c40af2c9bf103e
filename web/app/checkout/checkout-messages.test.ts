import { expect, test } from 'vitest'
import type { OrderView } from '#core/payments/checkout/find-order.ts'
import { messageOf, statusMessage } from '#web/app/checkout/checkout-messages.ts'
import type { CheckoutState } from '#web/server/payments/checkout-state.ts'

const order: OrderView = {
  id: 'one',
  state: 'granted',
  kind: 'credits',
  label: 'Some credits',
  amount: 1,
  bonus: 0,
  priceMinor: 100,
  currency: 'usd',
  checkoutSessionId: null,
  expiresAt: new Date('2026-11-22T10:00:00Z'),
  passUntil: null,
}
const paid = (bought: Partial<OrderView>) => messageOf({ name: 'paid', order: { ...order, ...bought } }, '/pay').body

test.each<[Partial<OrderView>, string]>([
  [{}, '1 credit was added to your account.'],
  [{ bonus: 1 }, '1 credit and 1 bonus credit were added to your account.'],
  [{ amount: 10_000, bonus: 1_500 }, '10,000 credits and 1,500 bonus credits were added to your account.'],
  [{ kind: 'content', label: 'The lake' }, 'The lake is yours. It is in the chat.'],
  [
    { kind: 'content', label: 'The lake', bonus: 1 },
    'The lake is yours, and 1 bonus credit was added. It is in the chat.',
  ],
])('who bought %j reads: %s', (bought, words) => {
  expect(paid(bought)).toBe(words)
})

/** What the address says of Stripe is minutes old, or invented. */
test.each<[CheckoutState['name'], string, string | null, string]>([
  ['payable', 'pending', 'cs_1', 'Your payment is being confirmed'],
  ['expired', 'pending', 'cs_1', 'Your payment is being confirmed'],
  ['payable', 'pending', null, 'The payment did not go through'],
  ['expired', 'pending', null, 'This link has expired'],
  ['paid', 'pending', 'cs_1', 'Paid, thank you'],
  ['paid', 'unavailable', 'cs_1', 'Paid, thank you'],
  ['review', 'refused', 'cs_1', 'We are looking at your payment'],
  ['payable', 'unavailable', 'cs_1', 'The payment page does not answer'],
  ['payable', 'refused', null, 'This cannot be bought right now'],
  ['payable', 'closed', null, 'This link is closed'],
  ['payable', 'nonsense', null, 'Not paid yet'],
])(
  'an order that is %s reads, with %s in the address and the page %s: %s',
  (name, happened, checkoutSessionId, title) => {
    expect(statusMessage({ name, order: { ...order, checkoutSessionId } }, happened, '/pay').title).toBe(title)
  },
)
