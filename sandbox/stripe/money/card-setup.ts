import type { PayResult } from '../control-types.ts'
import type { CheckoutSession } from '../objects/checkout-session.ts'
import type { PaymentMethod } from '../objects/payment-method.ts'
import type { StripeState } from '../state.ts'
import { attachCard } from './cards.ts'
import { challengeUrl, completeSession, declined } from './checkout-session.ts'

/** The bank asks before the card is saved. */
export function challengeSetup(state: StripeState, session: CheckoutSession, method: PaymentMethod): void {
  const intent = state.setupIntents.get(session.setup_intent ?? '')
  Object.assign(intent, {
    status: 'requires_action',
    payment_method: method.id,
    next_action: { type: 'redirect_to_url', redirect_to_url: { url: challengeUrl(state, session), return_url: null } },
  })
  state.emit('setup_intent.requires_action', intent)
}

export function finishSetup(
  state: StripeState,
  session: CheckoutSession,
  method: PaymentMethod,
  email: string | null,
): PayResult {
  const intent = state.setupIntents.get(session.setup_intent ?? '')
  Object.assign(intent, {
    status: 'succeeded',
    customer: session.customer,
    payment_method: method.id,
    next_action: null,
    last_setup_error: null,
  })
  if (session.customer !== null) attachCard(state, method, session.customer)
  state.emit('setup_intent.succeeded', intent)
  return completeSession(state, session, email, 'no_payment_required')
}

export function failSetup(
  state: StripeState,
  session: CheckoutSession,
  method: PaymentMethod,
  message: string,
): PayResult {
  const intent = state.setupIntents.get(session.setup_intent ?? '')
  Object.assign(intent, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    last_setup_error: { type: 'card_error', code: 'card_declined', message, payment_method: structuredClone(method) },
  })
  state.emit('setup_intent.setup_failed', intent)
  return declined(session, message)
}
