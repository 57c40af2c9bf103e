import { defaultMethod } from '../money/collecting.ts'
import { formatMoney } from '../money/currency.ts'
import { currentPeriod } from '../money/subscribing.ts'
import type { Charge } from '../objects/charge.ts'
import type { Customer } from '../objects/customer.ts'
import type { Invoice } from '../objects/invoice.ts'
import type { PaymentMethod } from '../objects/payment-method.ts'
import type { PortalSession } from '../objects/portal-session.ts'
import type { Subscription } from '../objects/subscription.ts'
import type { StripeState } from '../state.ts'
import { behaviourOptions } from './checkout-page.ts'
import { type Html, html } from './html.ts'
import { page } from './layout.ts'

/** The customer's own page: subscriptions, saved cards and past payments. */
export function portalPage(state: StripeState, session: PortalSession, customer: Customer, error?: string): string {
  const { merchantName } = state.options
  const isTheirs = (object: { customer: string | null }) => object.customer === customer.id
  const subscriptions = state.subscriptions.all().filter(isTheirs).reverse()
  const owed = state.invoices.all().filter((invoice) => isTheirs(invoice) && invoice.status === 'open')
  const methods = state.paymentMethods.all().filter(isTheirs)
  const charges = state.charges.all().filter(isTheirs).reverse()
  return page({
    title: `Your billing with ${merchantName}`,
    layout: 'narrow',
    body: html`<div class="stack">
<div><h1>Your billing with ${merchantName}</h1><p class="quiet">${customer.email ?? 'No e-mail'}</p></div>
${error ? html`<p class="alert" role="alert">${error}</p>` : null}
${
  subscriptions.length === 0
    ? null
    : html`<section class="panel"><h2>Subscriptions</h2><ul class="lines">${subscriptions.map((subscription) => subscriptionLine(state, subscription))}</ul></section>`
}
${
  owed.length === 0
    ? null
    : html`<section class="panel"><h2>To be paid</h2><ul class="lines">${owed.map(owedLine)}</ul></section>`
}
<section class="panel"><h2>Saved cards</h2>
${methods.length === 0 ? html`<p class="quiet">No card is saved.</p>` : html`<ul class="lines">${methods.map((method) => methodLine(state, customer, method))}</ul>`}
<form method="post" class="stack"><label class="field">A new card. When it is charged later
<select name="behaviour">${behaviourOptions()}</select></label>
<button class="plain small" name="add" value="card">Add a card</button></form>
</section>
<section class="panel"><h2>Payments</h2>
${charges.length === 0 ? html`<p class="quiet">No payment yet.</p>` : html`<ul class="lines">${charges.map(chargeLine)}</ul>`}
</section>
${session.return_url ? html`<p><a href="${session.return_url}">Back to ${merchantName}</a></p>` : null}
</div>`,
  })
}

const dayOf = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10)

function subscriptionLine(state: StripeState, subscription: Subscription): Html {
  const names = subscription.items.data.map(({ price }) => state.products.find(price.product)?.name ?? price.product)
  const [first] = subscription.items.data
  const price = first ? formatMoney(first.price.unit_amount * first.quantity, first.price.currency) : ''
  const isOver = subscription.status === 'canceled'
  const isEnding = subscription.cancel_at !== null
  const when = isOver
    ? `ended on ${dayOf(subscription.ended_at ?? 0)}`
    : isEnding
      ? `ends on ${dayOf(subscription.cancel_at ?? 0)}`
      : `renews on ${dayOf(currentPeriod(subscription).end)}`
  const trouble = subscription.status === 'past_due' ? ' · the last payment failed' : ''
  const button = isEnding
    ? html`<button class="plain small" name="resume" value="${subscription.id}">Don’t cancel</button>`
    : html`<button class="plain small" name="cancel" value="${subscription.id}">Cancel at period end</button>`
  return html`<li><span>${names.join(', ')} · ${price} / ${first?.price.recurring?.interval ?? ''}<br><span class="quiet">${when}${trouble}</span></span>
${isOver ? null : html`<form method="post">${button}</form>`}</li>`
}

function owedLine(invoice: Invoice): Html {
  const amount = formatMoney(invoice.amount_remaining, invoice.currency)
  return html`<li><span>${invoice.number ?? 'Invoice'} · ${amount}</span><a href="${invoice.hosted_invoice_url ?? ''}">Pay ${amount}</a></li>`
}

function methodLine(state: StripeState, customer: Customer, method: PaymentMethod): Html {
  const pays = state.subscriptions
    .all()
    .some(
      (subscription) =>
        subscription.customer === customer.id &&
        subscription.status !== 'canceled' &&
        defaultMethod(state, subscription)?.id === method.id,
    )
  const isDefault = customer.invoice_settings.default_payment_method === method.id
  const name = `${method.card?.brand ?? 'bank debit'} ending ${method.card?.last4 ?? ''}`
  return html`<li><span>${name}${isDefault ? ' (default)' : ''}${pays ? ' · pays the subscription' : ''}</span>
<form method="post"><button class="plain small" name="remove" value="${method.id}" aria-label="Remove ${name}">Remove</button></form></li>`
}

function chargeLine(charge: Charge): Html {
  const day = dayOf(charge.created)
  const state = charge.refunded ? 'refunded' : charge.disputed ? 'disputed' : charge.status
  const amount = formatMoney(charge.amount, charge.currency)
  return html`<li><span>${day} · ${state}</span><span>${
    charge.receipt_url
      ? html`<a href="${charge.receipt_url}" aria-label="Receipt for ${amount} on ${day}">${amount}</a>`
      : amount
  }</span></li>`
}
