import { newId, randomToken } from '../ids.ts'
import type { Metadata, StripeObject } from './wire-object.ts'

export interface CheckoutSession extends StripeObject {
  object: 'checkout.session'
  mode: 'payment' | 'setup' | 'subscription'
  status: 'open' | 'complete' | 'expired'
  payment_status: 'paid' | 'unpaid' | 'no_payment_required'
  url: string | null
  success_url: string | null
  cancel_url: string | null
  client_reference_id: string | null
  amount_total: number | null
  currency: string | null
  created: number
  expires_at: number
  customer: string | null
  customer_creation: 'always' | 'if_required' | null
  customer_email: string | null
  customer_details: Record<string, unknown> | null
  payment_intent: string | null
  setup_intent: string | null
  subscription: string | null
  invoice: string | null
  payment_method_types: string[]
  metadata: Metadata
}

export type SessionInput = Partial<CheckoutSession> & Pick<CheckoutSession, 'mode' | 'expires_at'>

export function buildCheckoutSession(created: number, publicUrl: string, given: SessionInput): CheckoutSession {
  const id = newId('cs_test', 58)
  const amount = given.amount_total ?? null
  return {
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: amount,
    amount_total: amount,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    branding_settings: {
      background_color: '#ffffff',
      border_style: 'rounded',
      button_color: '#0b7f76',
      display_name: 'Paydesk',
      font_family: 'default',
      icon: null,
      logo: null,
    },
    cancel_url: null,
    client_reference_id: null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created,
    currency: null,
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: null,
    customer_account: null,
    customer_creation: null,
    customer_details: null,
    customer_email: null,
    discounts: given.mode === 'setup' ? null : [],
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: null,
    managed_payments: null,
    metadata: {},
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: given.mode === 'setup' ? 'always' : 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    payment_status: amount === null || amount === 0 ? 'no_payment_required' : 'unpaid',
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: null,
    subscription: null,
    success_url: null,
    total_details: amount === null ? null : { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: `${publicUrl}/c/pay/${id}#${randomToken(24)}`,
    wallet_options: null,
    ...given,
  }
}
