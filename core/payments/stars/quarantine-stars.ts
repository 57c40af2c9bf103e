import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { quarantineOrder } from '#core/payments/checkout/win-order.ts'
import type { StarsPayment } from '#core/rails/stars/stars-rail.ts'
import type { Order, Prisma } from '#prisma'

interface Quarantine {
  payment: StarsPayment
  /** The order it names, as long as it is what the order was waiting for. */
  order: Order | null
  problem: string
}

/** Keeps Stars apart that do not fit, and tells the team. The payment must be recorded already. */
export async function quarantineStars(
  tx: Prisma.TransactionClient,
  { payment, order, problem }: Quarantine,
): Promise<{ status: 'quarantined'; problem: string }> {
  const { chargeId, userId, amountStars } = payment
  await tx.payment.update({ where: { starsChargeId: chargeId }, data: { state: 'quarantined', problem } })
  // Only the buyer's own payment takes the order out of sale; a stranger's may not.
  if (order && order.userId === userId) await quarantineOrder(tx, { orderId: order.id })
  await raiseAlert(tx, {
    key: `payment-quarantined:stars:${chargeId}`,
    severity: 'urgent',
    title: 'A payment was not granted',
    detail: `${amountStars} Stars arrived from user ${userId} (payment ${chargeId}), but nothing was given for them. ${problem} Give the Stars back, or make a gift.`,
  })
  return { status: 'quarantined', problem }
}
