import { currency } from '../money/currency.ts'
import * as p from '../params.ts'
import { productData, recurringParams } from './catalog.ts'
import { fields } from './route.ts'

const lineItem = p.shape(
  {},
  {
    adjustable_quantity: p.ignored,
    metadata: p.metadata,
    price: p.text(),
    price_data: p.shape(
      { currency },
      {
        product: p.text(),
        product_data: p.shape({ name: p.text() }, productData),
        recurring: recurringParams,
        tax_behavior: p.oneOf('unspecified', 'exclusive', 'inclusive'),
        unit_amount: p.integer,
        unit_amount_decimal: p.text(),
      },
    ),
    quantity: p.integer,
    tax_rates: p.ignored,
  },
)

const paymentIntentData = p.shape(
  {},
  {
    application_fee_amount: p.ignored,
    capture_method: p.oneOf('automatic', 'automatic_async'),
    description: p.text(),
    metadata: p.metadata,
    on_behalf_of: p.ignored,
    receipt_email: p.email,
    setup_future_usage: p.oneOf('off_session', 'on_session'),
    shipping: p.ignored,
    statement_descriptor: p.text(22),
    statement_descriptor_suffix: p.text(22),
    transfer_data: p.ignored,
    transfer_group: p.ignored,
  },
)

/** Without trials, which the stand-in does not play. */
const subscriptionData = p.shape(
  {},
  {
    billing_mode: p.shape({ type: p.oneOf('flexible') }, { flexible: p.ignored }),
    default_tax_rates: p.ignored,
    description: p.text(500),
    invoice_settings: p.ignored,
    metadata: p.metadata,
    on_behalf_of: p.ignored,
    proration_behavior: p.ignored,
  },
)

const setupIntentData = p.shape({}, { description: p.text(), metadata: p.metadata, on_behalf_of: p.ignored })

/** Looks and extras of the real page, which the stand-in's page does not have. */
const withoutEffect = {
  adaptive_pricing: p.ignored,
  after_expiration: p.ignored,
  allow_promotion_codes: p.ignored,
  automatic_tax: p.ignored,
  billing_address_collection: p.ignored,
  branding_settings: p.ignored,
  consent_collection: p.ignored,
  custom_fields: p.ignored,
  custom_text: p.ignored,
  customer_update: p.ignored,
  excluded_payment_method_types: p.ignored,
  integration_identifier: p.ignored,
  invoice_creation: p.ignored,
  name_collection: p.ignored,
  origin_context: p.ignored,
  payment_method_configuration: p.ignored,
  payment_method_data: p.ignored,
  payment_method_options: p.ignored,
  permissions: p.ignored,
  phone_number_collection: p.ignored,
  saved_payment_method_options: p.ignored,
  tax_id_collection: p.ignored,
  wallet_options: p.ignored,
}

export const checkoutCreate = fields(
  { mode: p.oneOf('payment', 'setup', 'subscription') },
  {
    ...withoutEffect,
    allowed_payment_method_types: p.list(p.text()),
    cancel_url: p.url,
    client_reference_id: p.text(200),
    currency,
    customer: p.text(),
    customer_creation: p.oneOf('always', 'if_required'),
    customer_email: p.email,
    expires_at: p.integer,
    line_items: p.list(lineItem),
    locale: p.text(10),
    metadata: p.metadata,
    payment_intent_data: paymentIntentData,
    payment_method_collection: p.oneOf('always', 'if_required'),
    return_url: p.url,
    setup_intent_data: setupIntentData,
    submit_type: p.oneOf('auto', 'book', 'donate', 'pay', 'subscribe'),
    subscription_data: subscriptionData,
    success_url: p.url,
    ui_mode: p.oneOf('hosted_page'),
  },
)

export type CheckoutCreate = p.Parsed<typeof checkoutCreate>
export type CheckoutLineItem = p.Parsed<typeof lineItem>
