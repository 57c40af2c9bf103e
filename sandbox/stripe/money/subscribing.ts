import type { LineItem } from '../objects/catalog.ts'
import type { Invoice, InvoiceLine } from '../objects/invoice.ts'
import type { PaymentIntent } from '../objects/payment-intent.ts'
import {
  buildSubscription,
  buildSubscriptionItem,
  type Subscription,
  type SubscriptionInput,
} from '../objects/subscription.ts'
import type { StripeState } from '../state.ts'
import { periodEnd } from './billing-period.ts'
import { collectInvoice, subscriptionOf } from './collecting.ts'
import { draftInvoice, finalizeInvoice, periodLines, settleInvoice, voidInvoice } from './invoicing.ts'
import { endSubscription, isLive, updateSubscription } from './subscription-state.ts'

/** A renewal's invoice stays a draft this long before its money is taken. */
const DRAFT_SECONDS = 3600

/** The first period has just been paid by `intent`: the subscription begins. */
export function startSubscription(
  state: StripeState,
  given: SubscriptionInput & { lineItems: LineItem[]; intent: PaymentIntent },
): Subscription {
  const { lineItems, intent, ...input } = given
  const now = state.now()
  const subscription = state.subscriptions.add(buildSubscription(now, input))
  for (const { price, quantity } of lineItems) {
    const end = price.recurring ? periodEnd(now, now, price.recurring) : now
    subscription.items.data.push(
      buildSubscriptionItem(now, {
        price,
        quantity,
        subscription: subscription.id,
        current_period_start: now,
        current_period_end: end,
        metadata: {},
      }),
    )
  }
  const invoice = draftInvoice(state, subscription, {
    reason: 'subscription_create',
    lines: periodLines(state, subscription),
    period: { start: now, end: now },
  })
  state.emit('customer.subscription.created', subscription)
  state.emit('invoice.created', invoice)
  finalizeInvoice(state, invoice, intent)
  settleInvoice(state, invoice, true)
  planPeriodEnd(state, subscription)
  return subscription
}

export const currentPeriod = (subscription: Subscription) => ({
  start: Math.min(...subscription.items.data.map((item) => item.current_period_start)),
  end: Math.max(...subscription.items.data.map((item) => item.current_period_end)),
})

/** Renews or ends the subscription when its period is over, unless that has changed by then. */
export function planPeriodEnd(state: StripeState, subscription: Subscription): void {
  const { end } = currentPeriod(subscription)
  state.clock.at(end * 1000, () => {
    const isStillPlanned = isLive(subscription) && currentPeriod(subscription).end === end
    if (!isStillPlanned) return
    if (subscription.cancel_at_period_end) endSubscription(state, subscription, 'cancellation_requested')
    else renew(state, subscription)
  })
}

/** Ends the subscription at its `cancel_at`, unless that has changed by then. */
export function planCancellation(state: StripeState, subscription: Subscription): void {
  const at = subscription.cancel_at
  if (at === null) return
  state.clock.at(at * 1000, () => {
    if (isLive(subscription) && subscription.cancel_at === at)
      endSubscription(state, subscription, 'cancellation_requested')
  })
}

function renew(state: StripeState, subscription: Subscription): void {
  // A subscription that ends this very second does not begin another period.
  if (subscription.cancel_at !== null && subscription.cancel_at <= state.now()) return
  const passed = currentPeriod(subscription)
  const leftOver = takePendingLines(state, subscription)
  updateSubscription(state, subscription, () => {
    for (const item of subscription.items.data) {
      item.current_period_start = passed.end
      if (item.price.recurring)
        item.current_period_end = periodEnd(subscription.billing_cycle_anchor, passed.end, item.price.recurring)
    }
    const lines = [...leftOver, ...periodLines(state, subscription)]
    const invoice = draftInvoice(state, subscription, { reason: 'subscription_cycle', lines, period: passed })
    const isPaused = subscription.pause_collection !== null || subscription.status === 'unpaid'
    if (isPaused) invoice.auto_advance = false
    else invoice.automatically_finalizes_at = state.now() + DRAFT_SECONDS
    state.emit('invoice.created', invoice)
    planFinalization(state, invoice)
  })
  planPeriodEnd(state, subscription)
}

/** Takes the money of a draft when it is an hour old. */
export function planFinalization(state: StripeState, invoice: Invoice): void {
  state.clock.at((invoice.created + DRAFT_SECONDS) * 1000, () => {
    if (invoice.status !== 'draft') return
    const subscription = subscriptionOf(state, invoice)
    if (subscription.pause_collection?.behavior === 'void') {
      finalizeInvoice(state, invoice)
      voidInvoice(state, invoice)
    } else if (invoice.auto_advance) {
      finalizeInvoice(state, invoice)
      collectInvoice(state, invoice)
    }
  })
}

/** Ends a pause when it says so, unless that has changed by then. */
export function planResumption(state: StripeState, subscription: Subscription): void {
  const paused = subscription.pause_collection
  if (!paused?.resumes_at) return
  state.clock.at(paused.resumes_at * 1000, () => {
    if (!isLive(subscription) || subscription.pause_collection !== paused) return
    updateSubscription(state, subscription, () => {
      subscription.pause_collection = null
    })
  })
}

function takePendingLines(state: StripeState, subscription: Subscription): InvoiceLine[] {
  const lines = state.pendingLines.get(subscription.id) ?? []
  state.pendingLines.delete(subscription.id)
  return lines
}
