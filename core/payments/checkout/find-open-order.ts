import type { Db } from '#core/db.ts'
import { readStarsPayload, starsPayload } from '#core/payments/stars/stars-payload.ts'
import type { Order } from '#prisma'

/** A user's own order, as long as it can be paid; null for anything else. */
export async function findOpenOrder(
  db: Db,
  { orderId, userId, now }: { orderId: string; userId: bigint; now: Date },
): Promise<Order | null> {
  // What comes from a button may be anything; PostgreSQL would fail on what is no uuid.
  if (readStarsPayload(starsPayload(orderId)) === null) return null
  return db.order.findFirst({ where: { id: orderId, userId, state: 'open', expiresAt: { gt: now } } })
}
