import type { PayResult, WireSession } from '../control-types.ts'
import { wrongState } from '../errors.ts'
import type { CheckoutSession } from '../objects/checkout-session.ts'
import type { SessionSecrets, StripeState } from '../state.ts'

export function openSession(state: StripeState, id: string): CheckoutSession {
  const session = state.sessions.get(id)
  if (session.status === 'open') return session
  throw wrongState(
    session.status === 'complete' ? 'This Checkout Session has been completed.' : 'This Checkout Session has expired.',
    'checkout_session_not_open',
  )
}

export function secretsOf(state: StripeState, session: CheckoutSession): SessionSecrets {
  const secrets = state.sessionSecrets.get(session.id)
  if (!secrets) throw new Error(`session ${session.id} has no secrets`)
  return secrets
}

/** The intent of the attempts so far. A session in subscription mode has one too, but does not show it. */
export function intentIdOf(state: StripeState, session: CheckoutSession): string | null {
  return session.payment_intent ?? state.sessionSecrets.get(session.id)?.paymentIntentId ?? null
}

export function emailOf(state: StripeState, session: CheckoutSession): string | null {
  return state.customers.find(session.customer)?.email ?? session.customer_email
}

export function redirectUrl(session: CheckoutSession): string | null {
  return session.success_url?.replaceAll('{CHECKOUT_SESSION_ID}', session.id) ?? null
}

export function planExpiry(state: StripeState, session: CheckoutSession): void {
  state.clock.at(session.expires_at * 1000, () => {
    if (session.status === 'open') expireSession(state, session)
  })
}

/** Closes an open session for good; the buyer can no longer pay. */
export function expireSession(state: StripeState, session: CheckoutSession): void {
  session.status = 'expired'
  session.url = null
  const intent = state.paymentIntents.find(intentIdOf(state, session))
  if (intent && intent.status !== 'succeeded') {
    Object.assign(intent, { status: 'canceled', canceled_at: state.now(), cancellation_reason: 'automatic' })
    state.emit('payment_intent.canceled', intent)
  }
  state.emit('checkout.session.expired', session)
}

/** The buyer is done; whether money came is said apart from it. */
export function completeSession(
  state: StripeState,
  session: CheckoutSession,
  email: string | null,
  paymentStatus: CheckoutSession['payment_status'],
): PayResult {
  const customer = state.customers.find(session.customer)
  Object.assign(session, {
    status: 'complete',
    payment_status: paymentStatus,
    url: null,
    customer_details: {
      address: { city: null, country: 'US', line1: null, line2: null, postal_code: null, state: null },
      business_name: null,
      email,
      individual_name: null,
      name: customer?.name ?? null,
      phone: null,
      tax_exempt: 'none',
      tax_ids: [],
    },
  } satisfies Partial<CheckoutSession>)
  if (customer && customer.email === null) customer.email = email
  state.emit('checkout.session.completed', session)
  return { status: 'complete', session: wire(session), redirectUrl: redirectUrl(session), message: null }
}

export const declined = (session: CheckoutSession, message: string): PayResult => ({
  status: 'declined',
  session: wire(session),
  redirectUrl: null,
  message,
})

export const challenged = (state: StripeState, session: CheckoutSession): PayResult => ({
  status: 'challenge',
  session: wire(session),
  redirectUrl: challengeUrl(state, session),
  message: null,
})

export const challengeUrl = (state: StripeState, session: CheckoutSession) =>
  `${state.options.publicUrl}/c/authenticate/${session.id}`

const wire = (session: CheckoutSession): WireSession => structuredClone(session)
