import type { Subscription, SubscriptionStatus } from '../objects/subscription.ts'
import type { StripeState } from '../state.ts'

export type EndReason = 'cancellation_requested' | 'payment_failed' | 'payment_disputed'

export const isLive = (subscription: Subscription) => subscription.status !== 'canceled'

/** Changes a subscription and tells of it with the values its fields had before. */
export function updateSubscription(state: StripeState, subscription: Subscription, change: () => void): void {
  const before = structuredClone(subscription)
  change()
  const previous = Object.fromEntries(
    Object.entries(before).filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(subscription[field])),
  )
  state.emit('customer.subscription.updated', subscription, previous)
}

export function setStatus(state: StripeState, subscription: Subscription, status: SubscriptionStatus): void {
  updateSubscription(state, subscription, () => {
    subscription.status = status
  })
}

/** Over for good. What is still owed stays on its invoices, but nobody is charged for it any more. */
export function endSubscription(state: StripeState, subscription: Subscription, reason: EndReason): void {
  const now = state.now()
  // Who had asked for the end at an earlier moment has cancelled then.
  const canceledAt = subscription.canceled_at ?? now
  Object.assign(subscription, { status: 'canceled', ended_at: now, canceled_at: canceledAt })
  subscription.cancellation_details.reason ??= reason
  for (const invoice of state.invoices.all()) {
    const isTheirs = invoice.parent.subscription_details.subscription === subscription.id
    if (isTheirs && (invoice.status === 'open' || invoice.status === 'draft')) {
      Object.assign(invoice, { auto_advance: false, next_payment_attempt: null, automatically_finalizes_at: null })
    }
  }
  state.emit('customer.subscription.deleted', subscription)
}
