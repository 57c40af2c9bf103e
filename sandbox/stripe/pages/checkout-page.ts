import type { CardOutcome, SavedCardBehaviour } from '../control-types.ts'
import { emailOf, secretsOf } from '../money/checkout-session.ts'
import { formatMoney } from '../money/currency.ts'
import type { LineItem } from '../objects/catalog.ts'
import type { CheckoutSession } from '../objects/checkout-session.ts'
import type { StripeState } from '../state.ts'
import { type Html, html } from './html.ts'
import { page } from './layout.ts'

type Choice = { value: CardOutcome; label: string; hint: string }

const CHOICES: Choice[] = [
  { value: 'succeeds', label: 'Card ending 4242', hint: 'The payment succeeds.' },
  { value: 'declined', label: 'Card ending 0002', hint: 'The bank declines it.' },
  { value: 'insufficient_funds', label: 'Card ending 9995', hint: 'There is not enough money on it.' },
  { value: 'authentication', label: 'Card ending 3155', hint: 'The bank asks the buyer to confirm.' },
]
const DISPUTED: Choice[] = [
  { value: 'disputed', label: 'Card ending 0259', hint: 'Succeeds, and is disputed a little later.' },
]
const DELAYED: Choice[] = [
  { value: 'delayed_succeeds', label: 'Bank debit, arrives', hint: 'Unpaid at first; the money comes a little later.' },
  { value: 'delayed_fails', label: 'Bank debit, bounces', hint: 'Unpaid at first; fails a little later.' },
]
const LATER: [SavedCardBehaviour, string][] = [
  ['succeeds', 'It succeeds'],
  ['declined', 'It is declined'],
  ['insufficient_funds', 'There is not enough money on it'],
  ['expired_card', 'It has expired'],
  ['authentication_required', 'The bank wants the buyer to confirm'],
]

/** Subscriptions are paid by card, because a card can be charged again. */
const CHOICES_OF = {
  payment: [...CHOICES, ...DISPUTED, ...DELAYED],
  setup: CHOICES,
  subscription: [...CHOICES, ...DISPUTED],
}

export const isCardOutcome = (value: string): value is CardOutcome =>
  CHOICES_OF.payment.some((choice) => choice.value === value)

export const isSavedCardBehaviour = (value: string): value is SavedCardBehaviour =>
  LATER.some(([behaviour]) => behaviour === value)

/** What the form shows again after a refusal; `action` is needed where the page answers another address. */
export type FormState = { error?: string; outcome?: string; email?: string; action?: string }

/** The pay page of an open session. */
export function checkoutPage(state: StripeState, session: CheckoutSession, form: FormState = {}): string {
  return page({
    title: `${verb(session)} ${state.options.merchantName}`,
    layout: 'two',
    body: html`${summary(state, session)}
<form method="post"${form.action ? html` action="${form.action}"` : null} class="panel stack" aria-label="Payment">
${form.error ? html`<p class="alert" role="alert">${form.error}</p>` : null}
${emailField(state, session, form)}
${outcomeField(session, form.outcome ?? 'succeeds')}
${savesCard(state, session) ? laterField() : null}
<button class="wide" type="submit">${buttonLabel(session)}</button>
${session.cancel_url ? html`<p class="quiet"><a href="${session.cancel_url}">Back to ${state.options.merchantName}</a></p>` : null}
</form>`,
  })
}

const VERBS = { payment: 'Pay', setup: 'Save a card with', subscription: 'Subscribe to' }

const verb = (session: CheckoutSession) => VERBS[session.mode]

const total = (session: CheckoutSession) => formatMoney(session.amount_total ?? 0, session.currency ?? 'usd')

function buttonLabel(session: CheckoutSession): string {
  if (session.mode === 'setup') return 'Save card'
  return session.mode === 'subscription' ? 'Subscribe' : `Pay ${total(session)}`
}

function rhythmOf(items: LineItem[]): string {
  const recurring = items[0]?.price.recurring
  if (!recurring) return ''
  const { interval, interval_count: count } = recurring
  return count === 1 ? ` per ${interval}` : ` every ${count} ${interval}s`
}

function summary(state: StripeState, session: CheckoutSession): Html {
  const items = secretsOf(state, session).lineItems
  return html`<section aria-label="Order">
<h1>${state.options.merchantName}</h1>
${
  session.mode === 'setup'
    ? html`<p class="amount">Save a card</p><p class="quiet">Nothing is charged now.</p>`
    : html`<p class="amount">${total(session)}${rhythmOf(items)}</p>
<ul class="lines">${items.map(
        (item) =>
          html`<li><span>${item.description}${item.quantity > 1 ? ` × ${item.quantity}` : ''}</span><span>${formatMoney(item.amount_total, item.currency)}</span></li>`,
      )}</ul>`
}
</section>`
}

function emailField(state: StripeState, session: CheckoutSession, form: FormState): Html {
  const known = emailOf(state, session)
  if (known !== null) return html`<p class="field"><span>E-mail</span><span class="quiet">${known}</span></p>`
  return html`<label class="field">E-mail
<input type="email" name="email" autocomplete="email" required value="${form.email ?? 'buyer@example.com'}"></label>`
}

function outcomeField(session: CheckoutSession, selected: string): Html {
  const choices = CHOICES_OF[session.mode]
  return html`<fieldset><legend>Pay with</legend>${choices.map(
    ({ value, label, hint }) =>
      html`<label class="choice"><input type="radio" name="outcome" value="${value}"${
        value === selected ? html` checked` : null
      }><span><b>${label}</b> <small>${hint}</small></span></label>`,
  )}</fieldset>`
}

function laterField(): Html {
  return html`<label class="field">This card will be saved. When it is charged later
<select name="savedCard">${behaviourOptions()}</select></label>`
}

export function behaviourOptions(): Html[] {
  return LATER.map(([value, label]) => html`<option value="${value}">${label}</option>`)
}

function savesCard(state: StripeState, session: CheckoutSession): boolean {
  return session.mode !== 'payment' || secretsOf(state, session).intentData.setup_future_usage != null
}
