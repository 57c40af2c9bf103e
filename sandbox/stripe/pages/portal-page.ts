import { formatMoney } from '../money/currency.ts'
import type { Charge } from '../objects/charge.ts'
import type { Customer } from '../objects/customer.ts'
import type { PaymentMethod } from '../objects/payment-method.ts'
import type { PortalSession } from '../objects/portal-session.ts'
import type { StripeState } from '../state.ts'
import { type Html, html } from './html.ts'
import { page } from './layout.ts'

/** The customer's own page: saved cards and past payments. */
export function portalPage(state: StripeState, session: PortalSession, customer: Customer): string {
  const { merchantName } = state.options
  const methods = state.paymentMethods.all().filter((method) => method.customer === customer.id)
  const charges = state.charges
    .all()
    .filter((charge) => charge.customer === customer.id)
    .reverse()
  return page({
    title: `Your billing with ${merchantName}`,
    layout: 'narrow',
    body: html`<div class="stack">
<div><h1>Your billing with ${merchantName}</h1><p class="quiet">${customer.email ?? 'No e-mail'}</p></div>
<section class="panel"><h2>Saved cards</h2>
${methods.length === 0 ? html`<p class="quiet">No card is saved.</p>` : html`<ul class="lines">${methods.map((method) => methodLine(customer, method))}</ul>`}
<form method="post"><button class="plain small" name="add" value="card">Add a card</button></form>
</section>
<section class="panel"><h2>Payments</h2>
${charges.length === 0 ? html`<p class="quiet">No payment yet.</p>` : html`<ul class="lines">${charges.map(chargeLine)}</ul>`}
</section>
${session.return_url ? html`<p><a href="${session.return_url}">Back to ${merchantName}</a></p>` : null}
</div>`,
  })
}

function methodLine(customer: Customer, method: PaymentMethod): Html {
  const isDefault = customer.invoice_settings.default_payment_method === method.id
  const name = `${method.card?.brand ?? 'bank debit'} ending ${method.card?.last4 ?? ''}`
  return html`<li><span>${name}${isDefault ? ' (default)' : ''}</span>
<form method="post"><button class="plain small" name="remove" value="${method.id}" aria-label="Remove ${name}">Remove</button></form></li>`
}

function chargeLine(charge: Charge): Html {
  const day = new Date(charge.created * 1000).toISOString().slice(0, 10)
  const state = charge.refunded ? 'refunded' : charge.disputed ? 'disputed' : charge.status
  const amount = formatMoney(charge.amount, charge.currency)
  return html`<li><span>${day} · ${state}</span><span>${
    charge.receipt_url
      ? html`<a href="${charge.receipt_url}" aria-label="Receipt for ${amount} on ${day}">${amount}</a>`
      : amount
  }</span></li>`
}
