import type { Db } from '#core/db.ts'
import { isOrderToken } from '#core/payments/checkout/place-order.ts'
import type { OrderState, ProductKind } from '#prisma'

/** What the holder of a pay link may know about its order: what it is, never whose. */
export interface OrderView {
  id: string
  state: OrderState
  kind: ProductKind
  label: string
  amount: number
  bonus: number
  priceMinor: number
  currency: string
  checkoutSessionId: string | null
  expiresAt: Date
  /** Until when the bought pass runs (with earlier ones added); null for anything else. */
  passUntil: Date | null
}

/** Finds an order by the secret of its pay link. */
export async function findOrderByToken(db: Db, { token }: { token: string }): Promise<OrderView | null> {
  if (!isOrderToken(token)) return null
  const order = await db.order.findUnique({ where: { token } })
  if (!order) return null
  const { id, state, kind, label, amount, bonus, priceMinor, currency, checkoutSessionId, expiresAt } = order
  const view = { id, state, kind, label, amount, bonus, priceMinor, currency, checkoutSessionId, expiresAt }
  return { ...view, passUntil: state === 'granted' && kind === 'time' ? await findPassEnd(db, id) : null }
}

async function findPassEnd(db: Db, orderId: string): Promise<Date | null> {
  const entry = await db.ledgerEntry.findUnique({
    where: { kind_ref: { kind: 'purchase', ref: `order:${orderId}` } },
    select: { passUntilAfter: true },
  })
  return entry?.passUntilAfter ?? null
}
