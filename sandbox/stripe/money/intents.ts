import { cardRefusal, invalidRequest, wrongState } from '../errors.ts'
import type { PaymentIntent } from '../objects/payment-intent.ts'
import type { PaymentMethod } from '../objects/payment-method.ts'
import type { StripeState } from '../state.ts'
import { attachCard, isTestCard, requirePaymentMethod } from './cards.ts'
import { challengeIntent, failIntent, succeedIntent } from './charging.ts'
import { DECLINES, judgeCard } from './declines.ts'

export type Confirmation = {
  payment_method?: string | undefined
  off_session?: boolean | undefined
  return_url?: string | undefined
  error_on_requires_action?: boolean | undefined
}

/** What a confirmation would use, or the refusal it would meet; changes nothing but a test card's first use. */
export function prepareConfirmation(
  state: StripeState,
  intent: PaymentIntent,
  confirmation: Confirmation,
): PaymentMethod {
  if (!['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(intent.status))
    throw unexpectedState(intent, 'confirm')
  const methodId = confirmation.payment_method ?? intent.payment_method
  if (methodId === null)
    throw unexpectedState(
      intent,
      'confirm',
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
    )
  const mayRedirect =
    intent.automatic_payment_methods?.enabled && intent.automatic_payment_methods.allow_redirects !== 'never'
  if (mayRedirect && !confirmation.off_session && !confirmation.return_url && !confirmation.error_on_requires_action)
    throw invalidRequest(
      "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
      { param: 'return_url' },
    )
  return checkOwner(state, requirePaymentMethod(state, methodId), intent.customer, methodId)
}

/** Tries to take the money: the intent succeeds, waits for a challenge, or the card error is thrown (after its events). */
export function confirmIntent(
  state: StripeState,
  intent: PaymentIntent,
  method: PaymentMethod,
  confirmation: Confirmation,
): PaymentIntent {
  const isOffSession = confirmation.off_session ?? false
  const verdict = judgeCard(state.cardBehaviours.get(method.id) ?? 'succeeds', isOffSession)
  if (verdict === 'approve') {
    if (intent.setup_future_usage !== null && intent.customer !== null) attachCard(state, method, intent.customer)
    succeedIntent(state, intent, method)
    return intent
  }
  if (verdict === 'challenge' && !confirmation.error_on_requires_action) {
    const url = `${state.options.publicUrl}/c/authenticate/${intent.id}`
    const redirect = confirmation.return_url ? { url, return_url: confirmation.return_url } : undefined
    challengeIntent(state, intent, method, redirect)
    return intent
  }
  const decline = verdict === 'challenge' ? DECLINES.authentication_required : verdict
  const error = failIntent(state, intent, method, decline)
  throw cardRefusal({ ...error, payment_intent: structuredClone(intent) })
}

/** The buyer answers the challenge of an intent confirmed on session. */
export function answerIntentChallenge(state: StripeState, intent: PaymentIntent, answer: 'complete' | 'fail'): void {
  if (intent.status !== 'requires_action') throw unexpectedState(intent, 'confirm')
  const method = state.paymentMethods.get(intent.payment_method ?? '')
  if (answer === 'fail') {
    failIntent(state, intent, method, DECLINES.authentication_failed)
    return
  }
  if (intent.setup_future_usage !== null && intent.customer !== null) attachCard(state, method, intent.customer)
  succeedIntent(state, intent, method)
}

export function cancelIntent(state: StripeState, intent: PaymentIntent, reason: string | null): PaymentIntent {
  if (
    !['requires_payment_method', 'requires_confirmation', 'requires_action', 'requires_capture'].includes(intent.status)
  )
    throw unexpectedState(
      intent,
      'cancel',
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.`,
    )
  if (state.sessions.all().some((session) => session.payment_intent === intent.id && session.status === 'open'))
    throw wrongState(
      'You cannot cancel PaymentIntents created by Checkout. You can expire the Checkout Session that created this PaymentIntent instead.',
    )
  Object.assign(intent, {
    status: 'canceled',
    canceled_at: state.now(),
    cancellation_reason: reason,
    next_action: null,
  } satisfies Partial<PaymentIntent>)
  state.emit('payment_intent.canceled', intent)
  return intent
}

/** A card of one customer must not pay for another, nor for nobody. */
export function checkOwner(
  state: StripeState,
  method: PaymentMethod,
  customerId: string | null,
  named: string,
): PaymentMethod {
  if (isTestCard(named) || method.customer === customerId || method.customer === null) {
    if (method.customer === null && state.deletedIds.has(method.id))
      throw invalidRequest(
        'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.',
        { param: 'payment_method' },
      )
    return method
  }
  throw invalidRequest(
    customerId === null
      ? `The payment method supplied (${method.id}) belongs to a Customer. Please include the Customer in the \`customer\` parameter on the PaymentIntent.`
      : `The PaymentMethod ${method.id} does not belong to the Customer you supplied ${customerId}. Please use this PaymentMethod with the Customer that it belongs to instead.`,
    { param: 'payment_method' },
  )
}

function unexpectedState(intent: PaymentIntent, verb: string, sentence?: string) {
  const reason =
    intent.status === 'succeeded'
      ? 'it has already succeeded after being previously confirmed.'
      : `it has a status of ${intent.status}.`
  return wrongState(
    sentence ?? `You cannot ${verb} this PaymentIntent because ${reason}`,
    'payment_intent_unexpected_state',
    { payment_intent: structuredClone(intent) },
  )
}
