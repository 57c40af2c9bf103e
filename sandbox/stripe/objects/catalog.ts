import { newId } from '../ids.ts'
import type { Metadata, StripeObject } from './wire-object.ts'

export interface Product extends StripeObject {
  object: 'product'
  active: boolean
  name: string
  description: string | null
  created: number
  metadata: Metadata
  default_price: string | null
}

export type Recurring = {
  interval: 'day' | 'week' | 'month' | 'year'
  interval_count: number
  meter: null
  trial_period_days: number | null
  usage_type: 'licensed' | 'metered'
}

export interface Price extends StripeObject {
  object: 'price'
  active: boolean
  currency: string
  unit_amount: number
  created: number
  product: string
  lookup_key: string | null
  recurring: Recurring | null
  type: 'one_time' | 'recurring'
  metadata: Metadata
}

export interface LineItem extends StripeObject {
  object: 'item'
  amount_total: number
  currency: string
  description: string
  price: Price
  quantity: number
}

export function buildProduct(created: number, given: Partial<Product> & { name: string }): Product {
  return {
    id: newId('prod', 14),
    object: 'product',
    active: true,
    created,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: created,
    url: null,
    ...given,
  }
}

export function buildPrice(
  created: number,
  given: Partial<Price> & Pick<Price, 'currency' | 'product' | 'unit_amount'>,
): Price {
  return {
    id: newId('price'),
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    created,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    recurring: null,
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: given.recurring ? 'recurring' : 'one_time',
    unit_amount_decimal: String(given.unit_amount),
    ...given,
  }
}

export function buildLineItem(price: Price, product: Product, quantity: number): LineItem {
  const amount = price.unit_amount * quantity
  return {
    id: newId('li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: price.currency,
    description: product.name,
    metadata: {},
    price,
    quantity,
  }
}
