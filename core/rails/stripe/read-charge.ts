import { z } from 'zod'
import { idOf, idOrObject } from '#core/rails/stripe/id-or-object.ts'
import { ORDER_METADATA_KEY } from '#core/rails/stripe/read-session.ts'
import type { Charge } from '#core/recharge/card-rail.ts'

/** Our name for the attempt in the metadata of a PaymentIntent that charges a saved card. */
export const ATTEMPT_METADATA_KEY = 'recharge_attempt'

const intentSchema = z.object({
  id: z.string(),
  object: z.literal('payment_intent'),
  status: z.string(),
  amount: z.number().int(),
  amount_received: z.number().int().nullish(),
  currency: z.string(),
  livemode: z.boolean(),
  metadata: z.record(z.string(), z.string()).nullable(),
  customer: idOrObject,
  last_payment_error: z.object({ code: z.string().nullish(), decline_code: z.string().nullish() }).nullish(),
})

type Intent = z.infer<typeof intentSchema>

/** Reads a PaymentIntent; null when it is none. */
export function readCharge(answer: unknown): Charge | null {
  const parsed = intentSchema.safeParse(answer)
  if (!parsed.success) return null
  const intent = parsed.data
  const status = statusOf(intent)
  return {
    id: intent.id,
    attemptId: intent.metadata?.[ATTEMPT_METADATA_KEY] ?? null,
    orderId: intent.metadata?.[ORDER_METADATA_KEY] ?? null,
    status,
    // A charge that waits for its buyer may say so by its status alone; once it is cancelled nothing else tells.
    declineCode: status === 'needs_buyer' ? 'authentication_required' : declineCodeOf(intent),
    amountMinor: status === 'succeeded' ? (intent.amount_received ?? intent.amount) : intent.amount,
    currency: intent.currency,
    livemode: intent.livemode,
    customerId: idOf(intent.customer),
  }
}

/** https://docs.stripe.com/payments/paymentintents/lifecycle */
function statusOf(intent: Intent): Charge['status'] {
  switch (intent.status) {
    case 'requires_confirmation':
      return 'unconfirmed'
    case 'requires_payment_method':
      return declineCodeOf(intent) === 'authentication_required' ? 'needs_buyer' : 'declined'
    case 'requires_action':
      return 'needs_buyer'
    case 'succeeded':
      return 'succeeded'
    case 'canceled':
      return 'canceled'
    default:
      // processing, and whatever the future brings: nothing is decided.
      return 'processing'
  }
}

/** The bank's own reason where it gave one. A charge for which the bank wants the buyer says so in either place. */
function declineCodeOf({ last_payment_error: error }: Intent): string | null {
  if (error?.code === 'authentication_required') return error.code
  return error?.decline_code ?? error?.code ?? null
}
