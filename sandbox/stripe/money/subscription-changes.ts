import { invalidRequest } from '../errors.ts'
import type { Price } from '../objects/catalog.ts'
import { buildInvoiceLine, type InvoiceLine } from '../objects/invoice.ts'
import { planOf, type Subscription, type SubscriptionItem } from '../objects/subscription.ts'
import type { StripeState } from '../state.ts'
import { collectInvoice } from './collecting.ts'
import { draftInvoice, finalizeInvoice } from './invoicing.ts'
import { currentPeriod, planCancellation } from './subscribing.ts'

export type Proration = 'create_prorations' | 'none' | 'always_invoice'

export type ItemChange = { item: SubscriptionItem; price: Price; quantity: number }

/** Refuses what the stand-in cannot bill: another rhythm or another currency would begin a new period. */
export function requireSameRhythm({ item, price }: ItemChange, at: string): void {
  if (!price.recurring)
    throw invalidRequest(
      `The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\`.`,
      { param: at },
    )
  if (price.currency !== item.price.currency)
    throw invalidRequest(
      `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${item.price.currency}\`.`,
      { param: at },
    )
  const { interval, interval_count } = price.recurring
  if (interval !== item.price.recurring?.interval || interval_count !== item.price.recurring.interval_count)
    throw invalidRequest('The sandbox only changes between prices of the same interval.', { param: at })
}

/** Puts the items on other prices. The part of the period that is left is credited and charged, now or next time. */
export function changeItems(
  state: StripeState,
  subscription: Subscription,
  changes: ItemChange[],
  proration: Proration,
): void {
  const lines = proration === 'none' ? [] : changes.flatMap((change) => prorationLines(state, subscription, change))
  for (const { item, price, quantity } of changes) {
    Object.assign(item, { price, plan: planOf(price), quantity } satisfies Partial<SubscriptionItem>)
  }
  if (lines.length === 0) return
  if (proration === 'create_prorations') {
    state.pendingLines.set(subscription.id, [...(state.pendingLines.get(subscription.id) ?? []), ...lines])
    return
  }
  const invoice = draftInvoice(state, subscription, {
    reason: 'subscription_update',
    lines,
    period: currentPeriod(subscription),
  })
  state.emit('invoice.created', invoice)
  finalizeInvoice(state, invoice)
  collectInvoice(state, invoice)
}

function prorationLines(state: StripeState, subscription: Subscription, change: ItemChange): InvoiceLine[] {
  const { item, price, quantity } = change
  const { current_period_start: start, current_period_end: end } = item
  const share = Math.max(0, end - state.now()) / (end - start)
  const line = (of: Price, amount: number, words: string) =>
    buildInvoiceLine(item, {
      amount,
      description: `${words} ${state.products.find(of.product)?.name ?? of.product}`,
      period: { start: state.now(), end },
      price: of,
      proration: true,
      metadata: subscription.metadata,
    })
  return [
    line(item.price, -Math.round(item.price.unit_amount * item.quantity * share), 'Unused time on'),
    line(price, Math.round(price.unit_amount * quantity * share), 'Remaining time on'),
  ]
}

/** At the end of what is paid, and no sooner. */
export function cancelAtPeriodEnd(state: StripeState, subscription: Subscription, isOn: boolean): void {
  // An end that was set as a date is taken back as a date.
  if (!isOn && !subscription.cancel_at_period_end) return
  subscription.cancel_at_period_end = isOn
  noteCancellation(state, subscription, isOn ? currentPeriod(subscription).end : null)
}

/** Ends it at a moment; null takes every planned end back. This is also how the portal page does it. */
export function cancelAt(state: StripeState, subscription: Subscription, at: number | null): void {
  subscription.cancel_at_period_end = false
  noteCancellation(state, subscription, at)
}

function noteCancellation(state: StripeState, subscription: Subscription, at: number | null): void {
  subscription.cancel_at = at
  subscription.canceled_at = at === null ? null : state.now()
  subscription.cancellation_details.reason = at === null ? null : 'cancellation_requested'
  planCancellation(state, subscription)
}
