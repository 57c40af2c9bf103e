import { wrongState } from '../errors.ts'
import type { Invoice } from '../objects/invoice.ts'
import type { PaymentMethod } from '../objects/payment-method.ts'
import type { Subscription } from '../objects/subscription.ts'
import type { StripeState } from '../state.ts'
import { attachCard } from './cards.ts'
import { challengeIntent, failIntent, succeedIntent } from './charging.ts'
import { DECLINES, type Decline, judgeCard } from './declines.ts'
import { intentOfInvoice, settleInvoice } from './invoicing.ts'
import { endSubscription, setStatus } from './subscription-state.ts'

const DAY = 86_400

export type Collected =
  | { status: 'paid' }
  | { status: 'failed'; decline: Decline }
  /** The bank wants the buyer, who can come to the invoice's page. */
  | { status: 'action_required' }

/** What is charged when nobody names a card. */
export function defaultMethod(state: StripeState, subscription: Subscription): PaymentMethod | undefined {
  const customer = state.customers.get(subscription.customer)
  return (
    state.paymentMethods.find(subscription.default_payment_method) ??
    state.paymentMethods.find(customer.invoice_settings.default_payment_method)
  )
}

/** Tries the saved card for an open invoice. A failure makes the subscription past due and plans the next try. */
export function collectInvoice(
  state: StripeState,
  invoice: Invoice,
  given: { method?: PaymentMethod | undefined; byHand?: boolean } = {},
): Collected {
  if (invoice.status !== 'open') throw wrongState(`Invoice ${invoice.id} is ${invoice.status}.`)
  const subscription = subscriptionOf(state, invoice)
  const intent = intentOfInvoice(state, invoice)
  if (!intent) {
    payInvoice(state, invoice)
    return { status: 'paid' }
  }
  const method = given.method ?? defaultMethod(state, subscription)
  const verdict = method ? judgeCard(state.cardBehaviours.get(method.id) ?? 'succeeds', true) : DECLINES.no_card
  if (method && verdict === 'approve') {
    attachCard(state, method, invoice.customer)
    succeedIntent(state, intent, method)
    payInvoice(state, invoice)
    return { status: 'paid' }
  }
  const needsBuyer = method !== undefined && verdict === DECLINES.authentication_required
  const decline = verdict as Decline
  if (needsBuyer) challengeIntent(state, intent, method, undefined)
  else if (method) failIntent(state, intent, method, decline)
  noteFailure(state, invoice, subscription, { needsBuyer, byHand: given.byHand ?? false })
  return needsBuyer ? { status: 'action_required' } : { status: 'failed', decline }
}

/** The money for the invoice is there: closes it and heals its subscription. */
export function payInvoice(state: StripeState, invoice: Invoice): void {
  const subscription = subscriptionOf(state, invoice)
  settleInvoice(state, invoice, true)
  if (subscription.status === 'past_due' || subscription.status === 'unpaid') {
    setDelinquent(state, subscription, false)
    setStatus(state, subscription, 'active')
  }
}

function noteFailure(
  state: StripeState,
  invoice: Invoice,
  subscription: Subscription,
  { needsBuyer, byHand }: { needsBuyer: boolean; byHand: boolean },
): void {
  const { attempt_count, next_payment_attempt } = invoice
  const retryDays = state.dunning.retryAfterDays[attempt_count]
  const isLast = retryDays === undefined
  invoice.attempted = true
  invoice.attempt_count += 1
  // A try by hand changes nothing about those that are planned.
  if (!byHand) invoice.next_payment_attempt = isLast ? null : state.now() + retryDays * DAY
  state.emit('invoice.updated', invoice, { attempt_count, next_payment_attempt })
  if (needsBuyer) state.emit('invoice.payment_action_required', invoice)
  state.emit('invoice.payment_failed', invoice)
  if (subscription.status === 'active') {
    setDelinquent(state, subscription, true)
    setStatus(state, subscription, 'past_due')
  }
  if (byHand) return
  if (isLast) giveUp(state, invoice, subscription)
  else planRetry(state, invoice)
}

/** Tries again when the invoice says so, unless that has changed by then. */
export function planRetry(state: StripeState, invoice: Invoice): void {
  const dueAt = invoice.next_payment_attempt
  if (dueAt === null) return
  state.clock.at(dueAt * 1000, () => {
    const isStillPlanned = invoice.status === 'open' && invoice.auto_advance && invoice.next_payment_attempt === dueAt
    if (isStillPlanned) collectInvoice(state, invoice)
  })
}

/** All tries failed: what the account's settings say for this case. */
function giveUp(state: StripeState, invoice: Invoice, subscription: Subscription): void {
  if (subscription.status !== 'past_due') return
  if (state.dunning.finally === 'cancel') endSubscription(state, subscription, 'payment_failed')
  if (state.dunning.finally === 'unpaid') {
    invoice.auto_advance = false
    setStatus(state, subscription, 'unpaid')
  }
}

function setDelinquent(state: StripeState, subscription: Subscription, delinquent: boolean): void {
  const customer = state.customers.get(subscription.customer)
  if (customer.delinquent === delinquent) return
  customer.delinquent = delinquent
  state.emit('customer.updated', customer, { delinquent: !delinquent })
}

export function subscriptionOf(state: StripeState, invoice: Invoice): Subscription {
  return state.subscriptions.get(invoice.parent.subscription_details.subscription)
}
