import { newId } from '../ids.ts'
import type { StripeObject } from './wire-object.ts'

export interface BalanceTransaction extends StripeObject {
  object: 'balance_transaction'
  amount: number
  fee: number
  net: number
  currency: string
  created: number
  source: string
  type: 'charge' | 'refund' | 'adjustment' | 'refund_failure' | 'payment' | 'payment_refund'
}

export function buildBalanceTransaction(
  created: number,
  given: Pick<BalanceTransaction, 'amount' | 'currency' | 'source' | 'type'> & {
    fee?: number
    description?: string | null
    reporting_category?: string
  },
): BalanceTransaction {
  const fee = given.fee ?? 0
  return {
    id: newId('txn'),
    object: 'balance_transaction',
    available_on: created + 2 * 86_400,
    balance_type: 'payments',
    created,
    description: null,
    exchange_rate: null,
    fee_details:
      fee === 0
        ? []
        : [
            {
              amount: fee,
              application: null,
              currency: given.currency,
              description: 'Stripe processing fees',
              type: 'stripe_fee',
            },
          ],
    net: given.amount - fee,
    reporting_category: given.type,
    status: 'pending',
    ...given,
    fee,
  }
}
