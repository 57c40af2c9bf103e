import { newId } from '../ids.ts'
import type { PaymentIntent } from './payment-intent.ts'
import type { PaymentMethod } from './payment-method.ts'
import type { BillingDetails, Metadata, StripeObject } from './wire-object.ts'

export interface Charge extends StripeObject {
  object: 'charge'
  status: 'pending' | 'failed' | 'succeeded'
  amount: number
  amount_captured: number
  amount_refunded: number
  currency: string
  created: number
  captured: boolean
  paid: boolean
  refunded: boolean
  disputed: boolean
  customer: string | null
  payment_intent: string | null
  payment_method: string | null
  balance_transaction: string | null
  billing_details: BillingDetails
  metadata: Metadata
  failure_code: string | null
  failure_message: string | null
  receipt_url: string | null
  outcome: ChargeOutcome | null
}

export type ChargeOutcome = {
  advice_code: string | null
  network_advice_code: string | null
  network_decline_code: string | null
  network_status: string
  reason: string | null
  risk_level: string
  risk_score: number
  seller_message: string
  type: string
}

export function approvedOutcome(): ChargeOutcome {
  return {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: 'approved_by_network',
    reason: null,
    risk_level: 'normal',
    risk_score: 12,
    seller_message: 'Payment complete.',
    type: 'authorized',
  }
}

export function refusedOutcome(reason: string): ChargeOutcome {
  return {
    ...approvedOutcome(),
    advice_code: 'try_again_later',
    network_decline_code: '05',
    network_status: 'declined_by_network',
    reason,
    seller_message: 'The bank did not return any further details with this decline.',
    type: 'issuer_declined',
  }
}

/** A charge as it starts: not yet decided. */
export function buildCharge(created: number, intent: PaymentIntent, method: PaymentMethod): Charge {
  return {
    id: newId(method.type === 'card' ? 'ch' : 'py'),
    object: 'charge',
    amount: intent.amount,
    amount_captured: 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: structuredClone(method.billing_details),
    calculated_statement_descriptor: 'PAYDESK SANDBOX',
    captured: false,
    created,
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    destination: null,
    dispute: null,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: false,
    metadata: structuredClone(intent.metadata),
    on_behalf_of: null,
    order: null,
    outcome: null,
    paid: false,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: paymentMethodDetails(intent, method),
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'pending',
    transfer_data: null,
    transfer_group: null,
  }
}

function paymentMethodDetails(intent: PaymentIntent, method: PaymentMethod): Record<string, unknown> {
  if (!method.card) return { type: method.type, [method.type]: bankDetails(method) }
  const { brand, checks, country, exp_month, exp_year, fingerprint, funding, last4 } = method.card
  return {
    type: 'card',
    card: {
      amount_authorized: intent.amount,
      authorization_code: '123456',
      brand,
      checks,
      country,
      electronic_commerce_indicator: null,
      exp_month,
      exp_year,
      fingerprint,
      funding,
      installments: null,
      last4,
      mandate: null,
      network: brand,
      network_token: { used: false },
      network_transaction_id: '104102978678771',
      regulated_status: 'unregulated',
      three_d_secure: null,
      transaction_link_id: null,
      wallet: null,
    },
  }
}

function bankDetails(method: PaymentMethod): Record<string, unknown> {
  const account = method[method.type] as Record<string, unknown>
  return method.type === 'sepa_debit'
    ? {
        bank_code: account.bank_code,
        branch_code: account.branch_code,
        country: account.country,
        fingerprint: account.fingerprint,
        last4: account.last4,
        mandate: null,
      }
    : {
        account_holder_type: account.account_holder_type,
        account_type: account.account_type,
        bank_name: account.bank_name,
        fingerprint: account.fingerprint,
        last4: account.last4,
        payment_reference: null,
        routing_number: account.routing_number,
      }
}
