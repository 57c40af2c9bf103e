import { newId } from '../ids.ts'
import type { Charge } from './charge.ts'
import type { Metadata, StripeObject } from './wire-object.ts'

export interface Refund extends StripeObject {
  object: 'refund'
  status: 'pending' | 'requires_action' | 'succeeded' | 'failed' | 'canceled'
  amount: number
  currency: string
  created: number
  charge: string
  payment_intent: string | null
  balance_transaction: string | null
  reason: string | null
  metadata: Metadata
}

export function buildRefund(
  created: number,
  charge: Charge,
  given: { amount: number; reason: string | null; metadata: Metadata },
): Refund {
  return {
    id: newId('re'),
    object: 'refund',
    amount: given.amount,
    balance_transaction: null,
    charge: charge.id,
    created,
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: {
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
      type: 'card',
    },
    metadata: given.metadata,
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: given.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  }
}
