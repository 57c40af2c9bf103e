import { z } from 'zod'
import { idOf, idOrObject } from '#core/rails/stripe/id-or-object.ts'
import { ORDER_METADATA_KEY } from '#core/rails/stripe/read-session.ts'
import type { RailSubscription } from '#core/subscriptions/subscription-rail.ts'

const seconds = z.number().nullable()

/** The fields of a subscription that we rely on: https://docs.stripe.com/api/subscriptions/object */
const subscriptionSchema = z.object({
  id: z.string(),
  object: z.literal('subscription'),
  status: z.string(),
  customer: idOrObject,
  currency: z.string(),
  livemode: z.boolean(),
  metadata: z.record(z.string(), z.string()).nullable(),
  cancel_at: seconds,
  cancel_at_period_end: z.boolean(),
  ended_at: seconds,
  cancellation_details: z.object({ reason: z.string().nullable() }).nullish(),
  items: z.object({
    data: z.array(
      z.object({
        id: z.string(),
        current_period_end: z.number(),
        quantity: z.number().nullish(),
        price: z.object({ unit_amount: z.number().nullable() }),
      }),
    ),
  }),
})

/** Reads a subscription without its invoices; null when it is none. */
export function readSubscription(answer: unknown): Omit<RailSubscription, 'invoices'> | null {
  const parsed = subscriptionSchema.safeParse(answer)
  if (!parsed.success) return null
  const subscription = parsed.data
  const items = subscription.items.data
  const periodEnds = items.map((item) => item.current_period_end)
  const periodEnd = periodEnds.length === 0 ? null : Math.max(...periodEnds)
  return {
    id: subscription.id,
    orderId: subscription.metadata?.[ORDER_METADATA_KEY] ?? null,
    status: subscription.status,
    customerId: idOf(subscription.customer),
    livemode: subscription.livemode,
    amountMinor: items.reduce((sum, { price, quantity }) => sum + (price.unit_amount ?? 0) * (quantity ?? 1), 0),
    currency: subscription.currency,
    periodEndsAt: dateOf(periodEnd),
    // The portal sets a date, the API a flag; both mean the same.
    endsAt: dateOf(subscription.cancel_at ?? (subscription.cancel_at_period_end ? periodEnd : null)),
    endedAt: dateOf(subscription.ended_at),
    endedUnpaid: subscription.cancellation_details?.reason === 'payment_failed',
    itemId: items.length === 1 ? (items[0]?.id ?? null) : null,
  }
}

/** Seconds since the epoch as Stripe writes them. */
export function dateOf(value: number | null | undefined): Date | null {
  return value === null || value === undefined ? null : new Date(value * 1000)
}
