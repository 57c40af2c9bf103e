import type { CardOutcome, PayResult, PaySessionInput, SavedCardBehaviour, WireSession } from '../control-types.ts'
import { wrongState } from '../errors.ts'
import type { CheckoutSession } from '../objects/checkout-session.ts'
import { buildCustomer } from '../objects/customer.ts'
import { buildPaymentIntent, type PaymentIntent } from '../objects/payment-intent.ts'
import { buildBankDebit, type PaymentMethod } from '../objects/payment-method.ts'
import type { SessionSecrets, StripeState } from '../state.ts'
import { attachCard, createCard } from './cards.ts'
import { challengeIntent, delayIntent, failIntent, succeedIntent } from './charging.ts'
import { DECLINES } from './declines.ts'
import { openDispute } from './disputing.ts'
import { startSubscription } from './subscribing.ts'

const DEFAULT_EMAIL = 'buyer@example.com'

/** What the buyer does on the pay page: chooses a card and presses Pay. */
export function paySession(state: StripeState, input: PaySessionInput): PayResult {
  const session = openSession(state, input.sessionId)
  const secrets = secretsOf(state, session)
  const email = input.email ?? emailOf(state, session) ?? DEFAULT_EMAIL
  const outcome = input.outcome ?? 'succeeds'
  if (session.amount_total === 0 || session.mode === 'setup') return payNothing(state, session, input, outcome, email)

  if (session.mode === 'subscription' && outcome.startsWith('delayed'))
    throw wrongState('The sandbox plays only cards in subscription mode.')
  const method = methodFor(state, session, outcome, email, input.savedCard)
  const intent = intentOf(state, session, secrets, email)
  if (outcome === 'declined' || outcome === 'insufficient_funds') {
    failIntent(state, intent, method, DECLINES[outcome])
    return declined(session, DECLINES[outcome].message)
  }
  if (outcome === 'authentication') {
    challengeIntent(state, intent, method, { url: challengeUrl(state, session), return_url: null })
    secrets.challenge = { paymentMethodId: method.id, email }
    if (input.challenge === 'leave') return challenged(state, session)
    return answerChallenge(state, session.id, input.challenge ?? 'complete')
  }
  if (outcome === 'delayed' || outcome === 'delayed_succeeds' || outcome === 'delayed_fails') {
    delayIntent(state, intent, method)
    const result = completeSession(state, session, email, 'unpaid')
    if (outcome !== 'delayed')
      state.clock.after(state.options.settleDelayMs, () =>
        settleUndecided(state, intent, outcome === 'delayed_succeeds'),
      )
    return result
  }
  const result = takePayment(state, session, intent, method, email)
  if (outcome === 'disputed') disputeLater(state, intent)
  return result
}

/** The buyer completes or fails the challenge that the bank asked for. */
export function answerChallenge(state: StripeState, sessionId: string, answer: 'complete' | 'fail'): PayResult {
  const session = openSession(state, sessionId)
  const secrets = secretsOf(state, session)
  const challenge = secrets.challenge
  if (!challenge) throw wrongState(`The session ${sessionId} stands before no challenge.`)
  delete secrets.challenge
  const method = state.paymentMethods.get(challenge.paymentMethodId)
  if (session.setup_intent !== null) {
    return answer === 'complete'
      ? finishSetup(state, session, method, challenge.email)
      : failSetup(state, session, method, DECLINES.authentication_failed.message)
  }
  const intent = state.paymentIntents.get(intentIdOf(state, session) ?? '')
  if (answer === 'complete') return takePayment(state, session, intent, method, challenge.email)
  failIntent(state, intent, method, DECLINES.authentication_failed)
  return declined(session, DECLINES.authentication_failed.message)
}

/** Decides a delayed payment: the session stays complete and turns paid, or stays unpaid. */
export function settlePayment(state: StripeState, intent: PaymentIntent, succeeds: boolean): void {
  if (intent.status !== 'processing')
    throw wrongState(`The payment ${intent.id} is not waiting: it is ${intent.status}.`)
  const method = state.paymentMethods.get(intent.payment_method ?? '')
  const session = state.sessions.all().find((candidate) => candidate.payment_intent === intent.id)
  if (succeeds && intent.setup_future_usage !== null && intent.customer !== null)
    attachCard(state, method, intent.customer)
  if (succeeds) succeedIntent(state, intent, method)
  else failIntent(state, intent, method, DECLINES.bank_debit_failed)
  if (!session) return
  if (succeeds) session.payment_status = 'paid'
  state.emit(`checkout.session.async_payment_${succeeds ? 'succeeded' : 'failed'}`, session)
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

export function redirectUrl(session: CheckoutSession): string | null {
  return session.success_url?.replaceAll('{CHECKOUT_SESSION_ID}', session.id) ?? null
}

/** The intent of the attempts so far. A session in subscription mode has one too, but does not show it. */
export function intentIdOf(state: StripeState, session: CheckoutSession): string | null {
  return session.payment_intent ?? state.sessionSecrets.get(session.id)?.paymentIntentId ?? null
}

export function emailOf(state: StripeState, session: CheckoutSession): string | null {
  return state.customers.find(session.customer)?.email ?? session.customer_email
}

function openSession(state: StripeState, id: string): CheckoutSession {
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

const challengeUrl = (state: StripeState, session: CheckoutSession) =>
  `${state.options.publicUrl}/c/authenticate/${session.id}`

const wire = (session: CheckoutSession): WireSession => structuredClone(session)

const declined = (session: CheckoutSession, message: string): PayResult => ({
  status: 'declined',
  session: wire(session),
  redirectUrl: null,
  message,
})

const challenged = (state: StripeState, session: CheckoutSession): PayResult => ({
  status: 'challenge',
  session: wire(session),
  redirectUrl: challengeUrl(state, session),
  message: null,
})

function methodFor(
  state: StripeState,
  session: CheckoutSession,
  outcome: CardOutcome,
  email: string,
  savedCard: SavedCardBehaviour = 'succeeds',
): PaymentMethod {
  if (outcome.startsWith('delayed'))
    return state.paymentMethods.add(buildBankDebit(state.now(), session.currency ?? 'usd', { email }))
  const last4 = { declined: '0002', insufficient_funds: '9995', authentication: '3155', disputed: '0259' }[
    outcome as string
  ]
  return createCard(state, savedCard, { email }, last4)
}

/** One intent per session: a second try after a refusal uses the same one. */
function intentOf(state: StripeState, session: CheckoutSession, secrets: SessionSecrets, email: string): PaymentIntent {
  const existing = state.paymentIntents.find(intentIdOf(state, session))
  if (existing) return existing
  ensureCustomer(state, session, secrets, email)
  const isSubscription = session.mode === 'subscription'
  const intent = state.paymentIntents.add(
    buildPaymentIntent(state.now(), {
      ...secrets.intentData,
      amount: session.amount_total ?? 0,
      currency: session.currency ?? 'usd',
      customer: session.customer,
      ...(isSubscription ? { description: 'Subscription creation', setup_future_usage: 'off_session' } : {}),
    }),
  )
  if (isSubscription) secrets.paymentIntentId = intent.id
  else session.payment_intent = intent.id
  state.emit('payment_intent.created', intent)
  return intent
}

function ensureCustomer(state: StripeState, session: CheckoutSession, secrets: SessionSecrets, email: string): void {
  const isNeeded = session.customer_creation === 'always' || secrets.intentData.setup_future_usage != null
  if (session.customer !== null || !isNeeded) return
  const customer = state.customers.add(buildCustomer(state.now(), { email }))
  session.customer = customer.id
  state.emit('customer.created', customer)
}

function takePayment(
  state: StripeState,
  session: CheckoutSession,
  intent: PaymentIntent,
  method: PaymentMethod,
  email: string | null,
): PayResult {
  // A card is kept only once it has paid.
  if (intent.setup_future_usage !== null && intent.customer !== null) attachCard(state, method, intent.customer)
  succeedIntent(state, intent, method)
  if (session.mode === 'subscription') subscribe(state, session, intent, method)
  return completeSession(state, session, email, 'paid')
}

/** A subscription comes to be only once its first period is paid. */
function subscribe(state: StripeState, session: CheckoutSession, intent: PaymentIntent, method: PaymentMethod): void {
  const { lineItems, subscriptionData } = secretsOf(state, session)
  const subscription = startSubscription(state, {
    ...subscriptionData,
    customer: session.customer ?? '',
    currency: session.currency ?? 'usd',
    default_payment_method: method.id,
    lineItems,
    intent,
  })
  session.subscription = subscription.id
  session.invoice = subscription.latest_invoice
}

function completeSession(
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

/** A session without an amount: either everything is free, or only a card is to be saved. */
function payNothing(
  state: StripeState,
  session: CheckoutSession,
  input: PaySessionInput,
  outcome: CardOutcome,
  email: string,
): PayResult {
  const secrets = secretsOf(state, session)
  ensureCustomer(state, session, secrets, email)
  if (session.mode !== 'setup') return completeSession(state, session, email, 'no_payment_required')
  const method = createCard(state, input.savedCard ?? 'succeeds', { email })
  if (outcome === 'declined' || outcome === 'insufficient_funds')
    return failSetup(state, session, method, DECLINES[outcome].message)
  if (outcome !== 'authentication') return finishSetup(state, session, method, email)
  const intent = state.setupIntents.get(session.setup_intent ?? '')
  Object.assign(intent, {
    status: 'requires_action',
    payment_method: method.id,
    next_action: { type: 'redirect_to_url', redirect_to_url: { url: challengeUrl(state, session), return_url: null } },
  })
  state.emit('setup_intent.requires_action', intent)
  secrets.challenge = { paymentMethodId: method.id, email }
  return input.challenge === 'leave'
    ? challenged(state, session)
    : answerChallenge(state, session.id, input.challenge ?? 'complete')
}

function finishSetup(
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

function failSetup(state: StripeState, session: CheckoutSession, method: PaymentMethod, message: string): PayResult {
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

function settleUndecided(state: StripeState, intent: PaymentIntent, succeeds: boolean): void {
  // Somebody may have decided it by hand in the meantime.
  if (intent.status === 'processing') settlePayment(state, intent, succeeds)
}

function disputeLater(state: StripeState, intent: PaymentIntent): void {
  state.clock.after(state.options.disputeDelayMs, () => {
    const charge = state.charges.find(intent.latest_charge)
    if (charge && !charge.disputed && !charge.refunded) openDispute(state, charge, { reason: 'fraudulent' })
  })
}
