import type { OrderState, Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

/** An order that expired is still good for money that was on its way. */
const payable: { in: OrderState[] } = { in: ['open', 'expired'] }

/**
 * Marks an order as granted for the payment at hand. True for exactly one of all payments that ever name the order,
 * however many arrive at once; whoever gets false must not grant it.
 */
export async function winOrder(
  tx: Tx,
  { orderId, now, rail }: { orderId: string; now: Date; rail?: 'stars' },
): Promise<boolean> {
  const { count } = await tx.order.updateMany({
    where: { id: orderId, state: payable },
    data: { state: 'granted', grantedAt: now, ...(rail && { rail }) },
  })
  return count === 1
}

/** Takes an order out of sale because its money could not be matched; one that was granted stays as it is. */
export async function quarantineOrder(
  tx: Tx,
  { orderId, checkoutSessionId }: { orderId: string; checkoutSessionId?: string },
): Promise<void> {
  await tx.order.updateMany({
    where: { id: orderId, state: payable, ...(checkoutSessionId && { checkoutSessionId }) },
    data: { state: 'quarantined' },
  })
}

/** Whether a payment may still win the order. */
export async function isPayable(tx: Tx, { orderId }: { orderId: string }): Promise<boolean> {
  return (await tx.order.findFirst({ where: { id: orderId, state: payable }, select: { id: true } })) !== null
}
