import type { StripeErrorBody } from '../errors.ts'
import { newId, randomToken } from '../ids.ts'
import type { Metadata, StripeObject } from './wire-object.ts'

export interface SetupIntent extends StripeObject {
  object: 'setup_intent'
  status:
    | 'requires_payment_method'
    | 'requires_confirmation'
    | 'requires_action'
    | 'processing'
    | 'canceled'
    | 'succeeded'
  created: number
  customer: string | null
  payment_method: string | null
  last_setup_error: StripeErrorBody | null
  next_action: Record<string, unknown> | null
  usage: string
  description: string | null
  metadata: Metadata
}

export function buildSetupIntent(created: number, given: Partial<SetupIntent> = {}): SetupIntent {
  const id = newId('seti')
  return {
    id,
    object: 'setup_intent',
    allowed_payment_method_types: null,
    application: null,
    automatic_payment_methods: null,
    cancellation_reason: null,
    client_secret: `${id}_secret_${randomToken(25)}`,
    created,
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    mandate: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: { card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: 'requires_payment_method',
    usage: 'off_session',
    ...given,
  }
}
