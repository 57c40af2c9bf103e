import { newId } from '../ids.ts'
import type { Metadata, StripeObject } from './wire-object.ts'

export interface Customer extends StripeObject {
  object: 'customer'
  created: number
  email: string | null
  name: string | null
  phone: string | null
  metadata: Metadata
  invoice_settings: {
    default_payment_method: string | null
    custom_fields: null
    footer: null
    rendering_options: null
  }
}

export function buildCustomer(created: number, given: Partial<Customer> = {}): Customer {
  return {
    id: newId('cus', 14),
    object: 'customer',
    address: null,
    balance: 0,
    created,
    currency: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: newId('x', 8).slice(2).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
    ...given,
  }
}
