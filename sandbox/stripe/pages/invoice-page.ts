import type { ServerResponse } from 'node:http'
import { sendHtml } from '../http.ts'
import { attachCard, createCard } from '../money/cards.ts'
import { failIntent, succeedIntent } from '../money/charging.ts'
import { payInvoice } from '../money/collecting.ts'
import { formatMoney } from '../money/currency.ts'
import { DECLINES } from '../money/declines.ts'
import { intentOfInvoice } from '../money/invoicing.ts'
import type { Invoice } from '../objects/invoice.ts'
import type { StripeState } from '../state.ts'
import { html } from './html.ts'
import { messagePage, page } from './layout.ts'

/** The page of one invoice, where the buyer pays what a saved card could not. */
export function answerInvoicePage(
  state: StripeState,
  id: string,
  form: URLSearchParams | undefined,
  response: ServerResponse,
): void {
  const invoice = state.invoices.get(id)
  const amount = formatMoney(invoice.amount_due, invoice.currency)
  if (invoice.status !== 'open') {
    const text = invoice.status === 'paid' ? `${amount} was paid.` : 'There is nothing to pay here.'
    return sendHtml(response, 200, messagePage({ title: `Invoice ${invoice.number ?? ''}`, text }))
  }
  const refusal = form ? pay(state, invoice, form.get('outcome') ?? '') : undefined
  if (form && refusal === undefined) return answerInvoicePage(state, id, undefined, response)
  sendHtml(
    response,
    200,
    page({
      title: `Invoice ${invoice.number ?? ''}`,
      layout: 'narrow',
      body: html`<form method="post" class="panel stack">
<h1>Invoice ${invoice.number ?? ''} from ${state.options.merchantName}</h1>
${refusal ? html`<p class="alert" role="alert">${refusal}</p>` : null}
<p class="amount">${amount}</p>
<ul class="lines">${invoice.lines.data.map((line) => html`<li><span>${line.description}</span><span>${formatMoney(line.amount, line.currency)}</span></li>`)}</ul>
<button class="wide" name="outcome" value="succeeds">Pay, and confirm with the bank if asked</button>
<button class="wide plain" name="outcome" value="declined">Pay with a card that is declined</button>
</form>`,
    }),
  )
}

function pay(state: StripeState, invoice: Invoice, outcome: string): string | undefined {
  const intent = intentOfInvoice(state, invoice)
  if (!intent) throw new Error(`invoice ${invoice.id} is open without a payment`)
  const card = createCard(state, 'succeeds', { email: state.customers.get(invoice.customer).email })
  if (outcome !== 'succeeds') {
    failIntent(state, intent, card, DECLINES.declined)
    return DECLINES.declined.message
  }
  attachCard(state, card, invoice.customer)
  succeedIntent(state, intent, card)
  payInvoice(state, invoice)
  return undefined
}
