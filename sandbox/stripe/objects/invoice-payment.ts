import { newId } from '../ids.ts'
import type { Invoice } from './invoice.ts'
import type { StripeObject } from './wire-object.ts'

export interface InvoicePayment extends StripeObject {
  object: 'invoice_payment'
  amount_paid: number | null
  amount_requested: number
  created: number
  invoice: string
  payment: { type: 'payment_intent'; payment_intent: string }
  status: 'open' | 'paid' | 'canceled'
  status_transitions: { canceled_at: number | null; paid_at: number | null }
}

/** Ties an invoice to the PaymentIntent that is to pay it; neither of the two names the other. */
export function buildInvoicePayment(created: number, invoice: Invoice, intentId: string): InvoicePayment {
  return {
    id: newId('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created,
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { type: 'payment_intent', payment_intent: intentId },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  }
}
