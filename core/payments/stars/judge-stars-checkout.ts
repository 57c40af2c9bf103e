import type { Sql } from '#core/db.ts'
import { readStarsPayload } from '#core/payments/stars/stars-payload.ts'
import { waysToPay } from '#core/products/ways-to-pay.ts'
import { settingsSchema } from '#core/settings/settings.ts'
import type { OrderState, ProductKind, SubscriptionGives } from '#prisma'

/** What Telegram asks just before it takes the Stars. */
export interface StarsCheckout {
  userId: number
  payload: string
  amountStars: number
  currency: string
}

/** Why an order cannot be paid in Stars now. */
export type StarsRefusal = 'unknown' | 'other' | 'paid' | 'expired' | 'price' | 'banned' | 'closed'

interface Row {
  user_id: string
  kind: ProductKind
  gives: SubscriptionGives | null
  state: OrderState
  expires_at: Date
  price_stars: number | null
  banned_at: Date | null
  /** It is for a content that the buyer has from elsewhere, or a subscription that runs already. */
  owned: boolean
  rails: unknown
}

/**
 * Whether the Stars for an order may be taken now; null when they may. One plain statement, because Telegram waits for
 * the answer, and fresh from the database, because this is the last moment at which a change can still act.
 */
export async function findStarsRefusal(
  sql: Sql,
  { checkout, now }: { checkout: StarsCheckout; now: Date },
): Promise<StarsRefusal | null> {
  const orderId = readStarsPayload(checkout.payload)
  if (orderId === null) return 'unknown'
  const { rows } = await sql.query<Row>(
    `SELECT o.user_id, o.kind, o.gives, o.state, o.expires_at, o.price_stars, u.banned_at,
            EXISTS (SELECT 1 FROM unlocks w WHERE w.content_id = o.content_id AND w.user_id = o.user_id
                    AND w.withdrawn_at IS NULL)
              OR (o.kind = 'subscription' AND EXISTS (
                SELECT 1 FROM subscriptions s WHERE s.user_id = o.user_id AND s.product_id = o.product_id
                  AND s.ended_at IS NULL AND (s.rail = 'stripe' OR s.current_period_end > $2))) AS owned,
            (SELECT value FROM settings WHERE key = 'rails') AS rails
     FROM orders o JOIN users u ON u.id = o.user_id WHERE o.id = $1`,
    [orderId, now],
  )
  const order = rows[0]
  if (!order) return 'unknown'
  if (BigInt(order.user_id) !== BigInt(checkout.userId)) return 'other'
  return refusalOf(order, checkout, now)
}

function refusalOf(order: Row, { currency, amountStars }: StarsCheckout, now: Date): StarsRefusal | null {
  const { kind, gives, price_stars: priceStars } = order
  if (order.banned_at) return 'banned'
  if (order.owned || order.state === 'granted' || order.state === 'quarantined') return 'paid'
  if (order.state === 'expired' || order.expires_at <= now) return 'expired'
  if (currency !== 'XTR' || amountStars !== priceStars) return 'price'
  const rails = settingsSchema.shape.rails.safeParse(order.rails ?? undefined)
  return waysToPay({ kind, gives, priceStars }, rails.data ?? 'stripe').includes('stars') ? null : 'closed'
}
