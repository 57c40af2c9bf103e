import { asUuid } from '#core/as-uuid.ts'
import type { Db } from '#core/db.ts'
import type { Order } from '#prisma'

/** The order that the metadata of something at Stripe name; null when it is none of ours. */
export async function findNamedOrder(db: Db, orderId: string | null): Promise<Order | null> {
  const id = asUuid(orderId)
  return id === null ? null : db.order.findUnique({ where: { id } })
}
