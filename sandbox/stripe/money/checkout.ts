import type { CardOutcome, PayResult, PaySessionInput, SavedCardBehaviour } from '../control-types.ts'
import { wrongState } from '../errors.ts'
import type { CheckoutSession } from '../objects/checkout-session.ts'
import { buildCustomer } from '../objects/customer.ts'
import { buildPaymentIntent, type PaymentIntent } from '../objects/payment-intent.ts'
import { buildBankDebit, type PaymentMethod } from '../objects/payment-method.ts'
import type { SessionSecrets, StripeState } from '../state.ts'
import { challengeSetup, failSetup, finishSetup } from './card-setup.ts'
import { attachCard, createCard } from './cards.ts'
import { challengeIntent, delayIntent, failIntent, succeedIntent } from './charging.ts'
import {
  challenged,
  challengeUrl,
  completeSession,
  declined,
  emailOf,
  intentIdOf,
  openSession,
  secretsOf,
} from './checkout-session.ts'
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
  challengeSetup(state, session, method)
  secrets.challenge = { paymentMethodId: method.id, email }
  return input.challenge === 'leave'
    ? challenged(state, session)
    : answerChallenge(state, session.id, input.challenge ?? 'complete')
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
