import { z } from 'zod'
import { idOf, idOrObject } from '#core/rails/stripe/id-or-object.ts'
import type { CardSetup, SavedCard } from '#core/recharge/card-rail.ts'

/** Our name for the user in the metadata of a session that saves a card. */
export const CARD_USER_METADATA_KEY = 'card_of_user'

const methodSchema = z.object({
  id: z.string(),
  card: z.object({ fingerprint: z.string().nullish(), brand: z.string(), last4: z.string() }).nullish().catch(null),
})

const setupSchema = z.object({
  id: z.string(),
  object: z.literal('checkout.session'),
  status: z.enum(['open', 'complete', 'expired']),
  url: z.string().nullish(),
  expires_at: z.number(),
  livemode: z.boolean(),
  metadata: z.record(z.string(), z.string()).nullable(),
  customer: idOrObject,
  setup_intent: z
    .union([
      z.string(),
      z.object({ status: z.string(), payment_method: z.union([z.string(), methodSchema]).nullish() }),
    ])
    .nullish(),
})

/** Reads a Checkout Session in setup mode (its intent's payment method expanded); null when it is none. */
export function readCardSetup(answer: unknown): CardSetup | null {
  const parsed = setupSchema.safeParse(answer)
  if (!parsed.success) return null
  const session = parsed.data
  const userId = session.metadata?.[CARD_USER_METADATA_KEY]
  return {
    id: session.id,
    userId: userId !== undefined && /^\d{1,18}$/.test(userId) ? BigInt(userId) : null,
    status: session.status,
    url: session.url ?? null,
    expiresAt: new Date(session.expires_at * 1000),
    livemode: session.livemode,
    customerId: idOf(session.customer),
    card: session.status === 'complete' ? cardOf(session.setup_intent) : null,
  }
}

function cardOf(intent: z.infer<typeof setupSchema>['setup_intent']): SavedCard | null {
  if (typeof intent !== 'object' || intent?.status !== 'succeeded') return null
  const method = intent.payment_method
  if (typeof method !== 'object' || !method?.card) return null
  const { fingerprint, brand, last4 } = method.card
  return { paymentMethodId: method.id, fingerprint: fingerprint ?? null, brand, last4 }
}
