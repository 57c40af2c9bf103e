import type { StripeErrorBody } from '../errors.ts'
import { newId, randomToken } from '../ids.ts'
import type { Metadata, StripeObject } from './wire-object.ts'

type PaymentIntentStatus =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'canceled'
  | 'succeeded'

export interface PaymentIntent extends StripeObject {
  object: 'payment_intent'
  status: PaymentIntentStatus
  amount: number
  amount_received: number
  currency: string
  created: number
  customer: string | null
  payment_method: string | null
  payment_method_types: string[]
  automatic_payment_methods: { enabled: boolean; allow_redirects?: string } | null
  latest_charge: string | null
  last_payment_error: StripeErrorBody | null
  next_action: Record<string, unknown> | null
  setup_future_usage: 'off_session' | 'on_session' | null
  description: string | null
  receipt_email: string | null
  metadata: Metadata
}

export function buildPaymentIntent(
  created: number,
  given: Partial<PaymentIntent> & Pick<PaymentIntent, 'amount' | 'currency'>,
): PaymentIntent {
  const id = newId('pi')
  return {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic_async',
    client_secret: `${id}_secret_${randomToken(25)}`,
    confirmation_method: 'automatic',
    created,
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: null,
    ...given,
  }
}
