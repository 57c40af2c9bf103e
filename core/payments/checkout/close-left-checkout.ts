import type { Db } from '#core/db.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'

/**
 * Closes the payment page of an order that was paid in another way meanwhile, so that nobody pays twice. Throws
 * RailUnavailableError when the rail does not answer.
 */
export async function closeLeftCheckout(
  db: Db,
  rail: Pick<PaymentRail, 'closeCheckout'>,
  { orderId }: { orderId: string },
): Promise<void> {
  const order = await db.order.findUnique({ where: { id: orderId }, select: { rail: true, checkoutSessionId: true } })
  if (order?.rail !== 'stars' || order.checkoutSessionId === null) return
  await rail.closeCheckout(order.checkoutSessionId)
}
