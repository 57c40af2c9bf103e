import { newId } from '../ids.ts'
import type { Price } from './catalog.ts'
import type { Customer } from './customer.ts'
import type { Subscription, SubscriptionItem } from './subscription.ts'
import type { Metadata, StripeObject } from './wire-object.ts'

export type BillingReason = 'subscription_create' | 'subscription_cycle' | 'subscription_update'

export interface InvoiceLine extends StripeObject {
  object: 'line_item'
  amount: number
  currency: string
  description: string
  period: { start: number; end: number }
}

export interface Invoice extends StripeObject {
  object: 'invoice'
  status: 'draft' | 'open' | 'paid' | 'uncollectible' | 'void'
  amount_due: number
  amount_paid: number
  amount_remaining: number
  attempt_count: number
  attempted: boolean
  auto_advance: boolean
  automatically_finalizes_at: number | null
  billing_reason: BillingReason
  created: number
  currency: string
  customer: string
  description: string | null
  effective_at: number | null
  ending_balance: number | null
  hosted_invoice_url: string | null
  invoice_pdf: string | null
  lines: { object: 'list'; data: InvoiceLine[]; has_more: false; total_count: number; url: string }
  metadata: Metadata
  next_payment_attempt: number | null
  number: string | null
  parent: {
    quote_details: null
    subscription_details: { metadata: Metadata; subscription: string }
    type: 'subscription_details'
  }
  period_start: number
  period_end: number
  status_transitions: {
    finalized_at: number | null
    marked_uncollectible_at: number | null
    paid_at: number | null
    voided_at: number | null
  }
  total: number
  webhooks_delivered_at: number | null
}

type InvoiceInput = {
  subscription: Subscription
  customer: Customer
  billing_reason: BillingReason
  lines: InvoiceLine[]
  merchantName: string
  /** The period of an invoice is the one that has passed; the lines say what is paid for. */
  period: { start: number; end: number }
}

/** A draft. */
export function buildInvoice(created: number, given: InvoiceInput): Invoice {
  const { subscription, customer, lines } = given
  const id = newId('in')
  const total = lines.reduce((sum, line) => sum + line.amount, 0)
  const due = Math.max(0, total)
  for (const line of lines) line.invoice = id
  return {
    id,
    object: 'invoice',
    account_country: 'US',
    account_name: given.merchantName,
    account_tax_ids: null,
    amount_due: due,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: due,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: given.billing_reason,
    collection_method: 'charge_automatically',
    created,
    currency: subscription.currency,
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: null,
    customer_email: customer.email,
    customer_name: customer.name,
    customer_phone: customer.phone,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: { object: 'list', data: lines, has_more: false, total_count: lines.length, url: `/v1/invoices/${id}/lines` },
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent: {
      quote_details: null,
      // A snapshot: later changes of the subscription's metadata do not show here.
      subscription_details: { metadata: structuredClone(subscription.metadata), subscription: subscription.id },
      type: 'subscription_details',
    },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: given.period.end,
    period_start: given.period.start,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: total,
    subtotal_excluding_tax: total,
    test_clock: null,
    total,
    total_discount_amounts: [],
    total_excluding_tax: total,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  }
}

/** A line for one subscription item: a whole period, or the part of one that a change left over. */
export function buildInvoiceLine(
  item: SubscriptionItem,
  given: {
    amount: number
    description: string
    period: { start: number; end: number }
    price: Price
    proration: boolean
    metadata: Metadata
  },
): InvoiceLine {
  return {
    id: newId('il'),
    object: 'line_item',
    amount: given.amount,
    currency: given.price.currency,
    description: given.description,
    discount_amounts: [],
    discountable: !given.proration,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: structuredClone(given.metadata),
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: given.proration,
        proration_details: { credited_items: null },
        subscription: item.subscription,
        subscription_item: item.id,
      },
      type: 'subscription_item_details',
    },
    period: given.period,
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: given.price.id, product: given.price.product },
      type: 'price_details',
      unit_amount_decimal: String(given.price.unit_amount),
    },
    quantity: item.quantity,
    quantity_decimal: String(item.quantity),
    subscription: item.subscription,
    subtotal: given.amount,
    taxes: [],
  }
}
