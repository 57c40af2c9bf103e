import type { StripeErrorBody } from '../errors.ts'
import { buildBalanceTransaction } from '../objects/balance-transaction.ts'
import { approvedOutcome, buildCharge, type Charge, refusedOutcome } from '../objects/charge.ts'
import type { PaymentIntent } from '../objects/payment-intent.ts'
import type { PaymentMethod } from '../objects/payment-method.ts'
import type { StripeState } from '../state.ts'
import type { Decline } from './declines.ts'

/** The money is there: the intent succeeds with a paid charge (a pending one becomes it). */
export function succeedIntent(state: StripeState, intent: PaymentIntent, method: PaymentMethod): Charge {
  const charge = pendingCharge(state, intent) ?? state.charges.add(buildCharge(state.now(), intent, method))
  const transaction = state.balanceTransactions.add(
    buildBalanceTransaction(state.now(), {
      amount: charge.amount,
      currency: charge.currency,
      fee: Math.min(charge.amount, Math.round(charge.amount * 0.029) + 30),
      source: charge.id,
      type: 'charge',
      description: intent.description,
    }),
  )
  Object.assign(charge, {
    status: 'succeeded',
    paid: true,
    captured: true,
    amount_captured: charge.amount,
    balance_transaction: transaction.id,
    outcome: approvedOutcome(),
    receipt_url: `${state.options.publicUrl}/r/${charge.id}`,
  } satisfies Partial<Charge>)
  Object.assign(intent, {
    status: 'succeeded',
    amount_received: intent.amount,
    payment_method: method.id,
    latest_charge: charge.id,
    next_action: null,
    last_payment_error: null,
    processing: null,
  } satisfies Partial<PaymentIntent>)
  state.emit('payment_intent.succeeded', intent)
  state.emit('charge.succeeded', charge)
  return charge
}

/** The payment was refused: the intent waits for another method. Answers the error as the API shows it. */
export function failIntent(
  state: StripeState,
  intent: PaymentIntent,
  method: PaymentMethod,
  decline: Decline,
): Omit<StripeErrorBody, 'type'> {
  // A failed challenge never reached the bank, so there is no charge.
  const reachedBank = decline.code !== 'payment_intent_authentication_failure'
  const charge = reachedBank ? failCharge(state, intent, method, decline) : undefined
  const error = { ...decline, ...(charge ? { charge: charge.id } : {}), payment_method: structuredClone(method) }
  Object.assign(intent, {
    status: 'requires_payment_method',
    payment_method: null,
    latest_charge: charge?.id ?? intent.latest_charge,
    next_action: null,
    processing: null,
    last_payment_error: { type: 'card_error', ...error },
  } satisfies Partial<PaymentIntent>)
  if (charge) state.emit('charge.failed', charge)
  state.emit('payment_intent.payment_failed', intent)
  return error
}

/** The bank wants to see the buyer, who is sent to the challenge page. */
export function challengeIntent(
  state: StripeState,
  intent: PaymentIntent,
  method: PaymentMethod,
  redirect: { url: string; return_url: string | null } | undefined,
): void {
  Object.assign(intent, {
    status: 'requires_action',
    payment_method: method.id,
    last_payment_error: null,
    next_action: redirect
      ? { type: 'redirect_to_url', redirect_to_url: redirect }
      : { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'stripe_3ds2_fingerprint' } },
  } satisfies Partial<PaymentIntent>)
  state.emit('payment_intent.requires_action', intent)
}

/** A delayed method: the money is on its way and may still fail. */
export function delayIntent(state: StripeState, intent: PaymentIntent, method: PaymentMethod): void {
  const charge = state.charges.add(buildCharge(state.now(), intent, method))
  Object.assign(intent, {
    status: 'processing',
    payment_method: method.id,
    payment_method_types: [method.type],
    latest_charge: charge.id,
    last_payment_error: null,
  } satisfies Partial<PaymentIntent>)
  state.emit('payment_intent.processing', intent)
  state.emit('charge.pending', charge)
}

function pendingCharge(state: StripeState, intent: PaymentIntent): Charge | undefined {
  const charge = state.charges.find(intent.latest_charge)
  return charge?.status === 'pending' ? charge : undefined
}

function failCharge(state: StripeState, intent: PaymentIntent, method: PaymentMethod, decline: Decline): Charge {
  const charge = pendingCharge(state, intent) ?? state.charges.add(buildCharge(state.now(), intent, method))
  Object.assign(charge, {
    status: 'failed',
    failure_code: decline.code,
    failure_message: decline.message,
    outcome: refusedOutcome(decline.decline_code ?? decline.code),
  } satisfies Partial<Charge>)
  return charge
}
