import { z } from 'zod'
import type { Checkout } from '#core/rails/payment-rail.ts'
import { idOf, idOrObject } from '#core/rails/stripe/id-or-object.ts'

/** The fields of a Checkout Session that we rely on. Whatever lacks them is no answer, however the client took it. */
const sessionSchema = z.object({
  id: z.string(),
  object: z.literal('checkout.session'),
  status: z.enum(['open', 'complete', 'expired']),
  payment_status: z.enum(['paid', 'unpaid', 'no_payment_required']),
  mode: z.string(),
  url: z.string().nullish(),
  expires_at: z.number(),
  amount_total: z.number().int().nullable(),
  currency: z.string().nullable(),
  livemode: z.boolean(),
  client_reference_id: z.string().nullable(),
  metadata: z.record(z.string(), z.string()).nullable(),
  customer: idOrObject,
  subscription: idOrObject,
  payment_intent: z.union([z.string(), z.object({ id: z.string(), status: z.string() })]).nullish(),
})

type Session = z.infer<typeof sessionSchema>

/** Our name for the order in a session's metadata. */
export const ORDER_METADATA_KEY = 'order_id'

/** Reads a Checkout Session (with or without its PaymentIntent expanded); null when it is none. */
export function readSession(answer: unknown): Checkout | null {
  const parsed = sessionSchema.safeParse(answer)
  if (!parsed.success) return null
  const session = parsed.data
  return {
    id: session.id,
    orderId: session.metadata?.[ORDER_METADATA_KEY] ?? null,
    reference: session.client_reference_id,
    status: session.status,
    payment: paymentOf(session),
    mode: session.mode,
    url: session.url ?? null,
    expiresAt: new Date(session.expires_at * 1000),
    amountMinor: session.amount_total,
    currency: session.currency,
    livemode: session.livemode,
    customerId: idOf(session.customer),
    paymentId: idOf(session.payment_intent),
    subscriptionId: idOf(session.subscription),
  }
}

/** Only `payment_status` says whether the money is there: a session can be complete long before, or without it. */
function paymentOf(session: Session): Checkout['payment'] {
  if (session.payment_status === 'paid') return 'paid'
  if (session.payment_status === 'no_payment_required') return 'nothing_due'
  if (session.status !== 'complete') return 'unpaid'
  const intent = session.payment_intent
  const intentStatus = typeof intent === 'object' ? intent?.status : undefined
  return intentStatus === 'requires_payment_method' || intentStatus === 'canceled' ? 'failed' : 'pending'
}
