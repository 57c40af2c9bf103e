import { newId } from '../ids.ts'
import type { Price } from './catalog.ts'
import type { Metadata, StripeObject } from './wire-object.ts'

export type SubscriptionStatus = 'active' | 'past_due' | 'unpaid' | 'canceled'

export interface SubscriptionItem extends StripeObject {
  object: 'subscription_item'
  created: number
  current_period_start: number
  current_period_end: number
  price: Price
  plan: StripeObject
  quantity: number
  subscription: string
}

type PauseCollection = { behavior: 'void' | 'keep_as_draft' | 'mark_uncollectible'; resumes_at: number | null }

export interface Subscription extends StripeObject {
  object: 'subscription'
  status: SubscriptionStatus
  customer: string
  currency: string
  created: number
  billing_cycle_anchor: number
  cancel_at: number | null
  cancel_at_period_end: boolean
  canceled_at: number | null
  ended_at: number | null
  cancellation_details: {
    comment: string | null
    feedback: string | null
    feedback_option: null
    reason: string | null
  }
  default_payment_method: string | null
  description: string | null
  items: { object: 'list'; data: SubscriptionItem[]; has_more: false; url: string }
  latest_invoice: string | null
  metadata: Metadata
  pause_collection: PauseCollection | null
}

export type SubscriptionInput = Pick<
  Subscription,
  'customer' | 'currency' | 'default_payment_method' | 'description' | 'metadata'
>

/** An active subscription without items; its first period begins now. */
export function buildSubscription(created: number, given: SubscriptionInput): Subscription {
  const id = newId('sub')
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: created,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically',
    created,
    customer_account: null,
    days_until_due: null,
    default_source: null,
    default_tax_rates: [],
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: { object: 'list', data: [], has_more: false, url: `/v1/subscription_items?subscription=${id}` },
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: 'off',
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: created,
    status: 'active',
    test_clock: null,
    transfer_data: null,
    trial_end: null,
    trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
    trial_start: null,
    ...given,
  }
}

export function buildSubscriptionItem(
  created: number,
  given: Pick<
    SubscriptionItem,
    'price' | 'quantity' | 'subscription' | 'current_period_start' | 'current_period_end'
  > & { metadata: Metadata },
): SubscriptionItem {
  return {
    id: newId('si', 14),
    object: 'subscription_item',
    billing_thresholds: null,
    created,
    current_trial: null,
    discounts: [],
    plan: planOf(given.price),
    tax_rates: [],
    ...given,
  }
}

/** The older form of a recurring price, which subscription items still carry. */
export function planOf(price: Price): StripeObject {
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: String(price.unit_amount),
    billing_scheme: 'per_unit',
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? 'month',
    interval_count: price.recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname ?? null,
    product: price.product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: 'licensed',
  }
}
