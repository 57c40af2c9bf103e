import { wrongState } from '../errors.ts'
import type { Customer } from '../objects/customer.ts'
import {
  type BillingReason,
  buildInvoice,
  buildInvoiceLine,
  type Invoice,
  type InvoiceLine,
} from '../objects/invoice.ts'
import { buildInvoicePayment, type InvoicePayment } from '../objects/invoice-payment.ts'
import { buildPaymentIntent, type PaymentIntent } from '../objects/payment-intent.ts'
import type { Subscription } from '../objects/subscription.ts'
import type { StripeState } from '../state.ts'
import { formatMoney } from './currency.ts'

const DESCRIPTIONS: Record<BillingReason, string> = {
  subscription_create: 'Subscription creation',
  subscription_cycle: 'Subscription update',
  subscription_update: 'Subscription update',
}

/** A draft for what the items cost in their current period, together with what changes have left over. */
export function draftInvoice(
  state: StripeState,
  subscription: Subscription,
  given: { reason: BillingReason; lines: InvoiceLine[]; period: { start: number; end: number } },
): Invoice {
  const invoice = state.invoices.add(
    buildInvoice(state.now(), {
      subscription,
      customer: state.customers.get(subscription.customer),
      billing_reason: given.reason,
      lines: given.lines,
      merchantName: state.options.merchantName,
      period: given.period,
    }),
  )
  subscription.latest_invoice = invoice.id
  return invoice
}

/** One line per item for its current period. */
export function periodLines(state: StripeState, subscription: Subscription): InvoiceLine[] {
  return subscription.items.data.map((item) => {
    const { price, quantity } = item
    const name = state.products.find(price.product)?.name ?? price.product
    const each = `${formatMoney(price.unit_amount, price.currency)} / ${price.recurring?.interval ?? 'month'}`
    return buildInvoiceLine(item, {
      amount: price.unit_amount * quantity,
      description: `${quantity} × ${name} (at ${each})`,
      period: { start: item.current_period_start, end: item.current_period_end },
      price,
      proration: false,
      metadata: subscription.metadata,
    })
  })
}

/** The invoice can no longer change and waits for its money, which `intent` (made here unless given) is to bring. */
export function finalizeInvoice(state: StripeState, invoice: Invoice, intent?: PaymentIntent): void {
  if (invoice.status !== 'draft')
    throw wrongState('This invoice is already finalized, you can not re-finalize a non-draft invoice.')
  const customer = state.customers.get(invoice.customer)
  applyBalance(invoice, customer)
  const sequence = Number(customer.next_invoice_sequence)
  customer.next_invoice_sequence = sequence + 1
  Object.assign(invoice, {
    status: 'open',
    number: `${String(customer.invoice_prefix)}-${String(sequence).padStart(4, '0')}`,
    automatically_finalizes_at: null,
    effective_at: state.now(),
    hosted_invoice_url: `${state.options.publicUrl}/i/${invoice.id}`,
    invoice_pdf: `${state.options.publicUrl}/i/${invoice.id}`,
    webhooks_delivered_at: state.now(),
  } satisfies Partial<Invoice>)
  invoice.status_transitions.finalized_at = state.now()
  if (invoice.amount_due > 0) tiePayment(state, invoice, intent ?? newIntent(state, invoice))
  state.emit('invoice.finalized', invoice)
}

/** A credit on the customer's balance (a negative one) pays first; what is below nothing stays there. */
function applyBalance(invoice: Invoice, customer: Customer): void {
  const balance = Number(customer.balance)
  const due = Math.max(0, invoice.total + balance)
  const left = Math.min(0, invoice.total + balance)
  customer.balance = left
  Object.assign(invoice, { starting_balance: balance, ending_balance: left, amount_due: due, amount_remaining: due })
}

function newIntent(state: StripeState, invoice: Invoice): PaymentIntent {
  const intent = state.paymentIntents.add(
    buildPaymentIntent(state.now(), {
      amount: invoice.amount_due,
      currency: invoice.currency,
      customer: invoice.customer,
      description: DESCRIPTIONS[invoice.billing_reason],
      setup_future_usage: 'off_session',
    }),
  )
  state.emit('payment_intent.created', intent)
  return intent
}

function tiePayment(state: StripeState, invoice: Invoice, intent: PaymentIntent): void {
  state.invoicePayments.add(buildInvoicePayment(state.now(), invoice, intent.id))
}

/** The newest first, as lists show them. */
function paymentsOf(state: StripeState, invoice: Invoice): InvoicePayment[] {
  return state.invoicePayments
    .all()
    .filter((payment) => payment.invoice === invoice.id)
    .reverse()
}

/** The intent that is to pay an open invoice; absent when nothing is due. */
export function intentOfInvoice(state: StripeState, invoice: Invoice): PaymentIntent | undefined {
  return state.paymentIntents.find(paymentsOf(state, invoice)[0]?.payment.payment_intent ?? null)
}

/** Closes an open invoice as paid, by its intent that has just succeeded or by anything outside of Stripe. */
export function settleInvoice(state: StripeState, invoice: Invoice, isAttempt: boolean): void {
  const previous = { status: invoice.status, amount_paid: 0, amount_remaining: invoice.amount_remaining }
  Object.assign(invoice, {
    status: 'paid',
    amount_paid: invoice.amount_due,
    amount_remaining: 0,
    attempted: true,
    attempt_count: invoice.attempt_count + (isAttempt ? 1 : 0),
    auto_advance: false,
    next_payment_attempt: null,
  } satisfies Partial<Invoice>)
  invoice.status_transitions.paid_at = state.now()
  const payment = paymentsOf(state, invoice)[0]
  if (payment) Object.assign(payment, { status: 'paid', amount_paid: payment.amount_requested })
  if (payment) payment.status_transitions.paid_at = state.now()
  state.emit('invoice.updated', invoice, previous)
  state.emit('invoice.paid', invoice)
  state.emit('invoice.payment_succeeded', invoice)
  if (payment) state.emit('invoice_payment.paid', payment)
}

/** Nobody has to pay it any more. */
export function voidInvoice(state: StripeState, invoice: Invoice): void {
  if (invoice.status !== 'open' && invoice.status !== 'uncollectible')
    throw wrongState(`You can only pass in open invoices. This invoice isn't open.`)
  Object.assign(invoice, { status: 'void', auto_advance: false, next_payment_attempt: null })
  invoice.status_transitions.voided_at = state.now()
  const intent = intentOfInvoice(state, invoice)
  if (intent && intent.status !== 'succeeded') {
    Object.assign(intent, { status: 'canceled', canceled_at: state.now(), cancellation_reason: 'void_invoice' })
    state.emit('payment_intent.canceled', intent)
  }
  const payment = paymentsOf(state, invoice)[0]
  if (payment) payment.status = 'canceled'
  state.emit('invoice.voided', invoice)
}
