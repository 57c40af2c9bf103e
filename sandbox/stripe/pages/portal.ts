import type { ServerResponse } from 'node:http'
import { redirect, sendHtml } from '../http.ts'
import { attachCard, createCard, detachCard } from '../money/cards.ts'
import { collectInvoice } from '../money/collecting.ts'
import { currentPeriod } from '../money/subscribing.ts'
import { cancelAt } from '../money/subscription-changes.ts'
import { isLive, updateSubscription } from '../money/subscription-state.ts'
import type { Customer } from '../objects/customer.ts'
import type { StripeState } from '../state.ts'
import { isSavedCardBehaviour } from './checkout-page.ts'
import { portalPage } from './portal-page.ts'

/** Shows the customer's own page and does what is pressed on it, only ever to what is theirs. */
export function answerPortal(
  state: StripeState,
  id: string,
  form: URLSearchParams | undefined,
  response: ServerResponse,
): void {
  const session = state.portalSessions.get(id)
  const customer = state.customers.get(session.customer)
  if (!form) return sendHtml(response, 200, portalPage(state, session, customer))
  const method = state.paymentMethods.find(form.get('remove'))
  if (method?.customer === customer.id) detachCard(state, method)
  changeEnd(state, customer, form)
  const refusal = form.get('add') === 'card' ? addCard(state, customer, form.get('behaviour') ?? 'succeeds') : undefined
  if (refusal !== undefined) return sendHtml(response, 200, portalPage(state, session, customer, refusal))
  redirect(response, `/p/session/${id}`)
}

/** As the real page does for subscriptions of today's kind: the end is set as a date, not as a flag. */
function changeEnd(state: StripeState, customer: Customer, form: URLSearchParams): void {
  const subscription = state.subscriptions.find(form.get('cancel') ?? form.get('resume'))
  if (!subscription || subscription.customer !== customer.id || !isLive(subscription)) return
  const end = form.has('cancel') ? currentPeriod(subscription).end : null
  updateSubscription(state, subscription, () => cancelAt(state, subscription, end))
}

/** The new card pays from now on, and what is owed at once. Answers why it could not, if it could not. */
function addCard(state: StripeState, customer: Customer, behaviour: string): string | undefined {
  if (!isSavedCardBehaviour(behaviour)) return 'Choose how the card behaves.'
  const card = createCard(state, behaviour, { email: customer.email })
  attachCard(state, card, customer.id)
  const previous = structuredClone(customer.invoice_settings)
  customer.invoice_settings.default_payment_method = card.id
  state.emit('customer.updated', customer, { invoice_settings: previous })
  for (const subscription of state.subscriptions.all()) {
    if (subscription.customer !== customer.id || !isLive(subscription)) continue
    updateSubscription(state, subscription, () => {
      subscription.default_payment_method = card.id
    })
  }
  const owed = state.invoices.all().filter((invoice) => invoice.customer === customer.id && invoice.status === 'open')
  for (const invoice of owed) {
    const collected = collectInvoice(state, invoice, { byHand: true })
    if (collected.status === 'failed') return collected.decline.message
    if (collected.status === 'action_required') return 'The bank wants you to confirm. Pay the open invoice below.'
  }
  return undefined
}
