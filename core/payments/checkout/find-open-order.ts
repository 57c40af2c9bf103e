import { asUuid } from '#core/as-uuid.ts'
import type { Db } from '#core/db.ts'
import type { Order } from '#prisma'

/** A user's own order, as long as it can be paid; null for anything else. */
export async function findOpenOrder(
  db: Db,
  { orderId, userId, now }: { orderId: string; userId: bigint; now: Date },
): Promise<Order | null> {
  const id = asUuid(orderId)
  return id === null ? null : db.order.findFirst({ where: { id, userId, state: 'open', expiresAt: { gt: now } } })
}
