import type { SavedCardBehaviour } from '../control-types.ts'
import { missingResource } from '../errors.ts'
import { buildCard, type PaymentMethod } from '../objects/payment-method.ts'
import type { BillingDetails } from '../objects/wire-object.ts'
import type { StripeState } from '../state.ts'

type TestCard = { brand: string; last4: string; behaviour: SavedCardBehaviour }

/** The test payment methods that exist in every real test account: naming one creates a card. */
const TEST_CARDS: Record<string, TestCard> = {
  pm_card_visa: { brand: 'visa', last4: '4242', behaviour: 'succeeds' },
  pm_card_mastercard: { brand: 'mastercard', last4: '4444', behaviour: 'succeeds' },
  pm_card_chargeDeclined: { brand: 'visa', last4: '0002', behaviour: 'declined' },
  pm_card_chargeCustomerFail: { brand: 'visa', last4: '0341', behaviour: 'declined' },
  pm_card_chargeDeclinedInsufficientFunds: { brand: 'visa', last4: '9995', behaviour: 'insufficient_funds' },
  pm_card_chargeDeclinedExpiredCard: { brand: 'visa', last4: '0069', behaviour: 'expired_card' },
  pm_card_authenticationRequired: { brand: 'visa', last4: '3184', behaviour: 'authentication_required' },
  pm_card_threeDSecure2Required: { brand: 'visa', last4: '3220', behaviour: 'authentication_required' },
}

const LAST4: Record<SavedCardBehaviour, string> = {
  succeeds: '4242',
  declined: '0341',
  insufficient_funds: '9995',
  expired_card: '0069',
  authentication_required: '3184',
}

export function createCard(
  state: StripeState,
  behaviour: SavedCardBehaviour,
  billing: Partial<BillingDetails> = {},
  last4 = LAST4[behaviour],
): PaymentMethod {
  const card = state.paymentMethods.add(buildCard(state.now(), { brand: 'visa', last4 }, billing))
  state.cardBehaviours.set(card.id, behaviour)
  return card
}

export function isTestCard(id: string): boolean {
  return Object.hasOwn(TEST_CARDS, id)
}

/** The payment method a parameter names; a test card's name makes a fresh card. */
export function requirePaymentMethod(
  state: StripeState,
  id: string,
  param = 'payment_method',
  status = 400,
): PaymentMethod {
  const known = state.paymentMethods.find(id)
  if (known) return known
  const test = TEST_CARDS[id]
  if (!test) throw missingResource('PaymentMethod', id, param, status)
  const card = state.paymentMethods.add(buildCard(state.now(), test, {}))
  state.cardBehaviours.set(card.id, test.behaviour)
  return card
}

export function attachCard(state: StripeState, method: PaymentMethod, customerId: string): void {
  if (method.customer === customerId) return
  method.customer = customerId
  state.emit('payment_method.attached', method)
}

export function detachCard(state: StripeState, method: PaymentMethod): void {
  const customer = method.customer
  method.customer = null
  state.deletedIds.set(method.id, 'payment_method')
  const owner = state.customers.find(customer)
  if (owner?.invoice_settings.default_payment_method === method.id) owner.invoice_settings.default_payment_method = null
  for (const subscription of state.subscriptions.all())
    if (subscription.default_payment_method === method.id) subscription.default_payment_method = null
  state.emit('payment_method.detached', method, { customer })
}
