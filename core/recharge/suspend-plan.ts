import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { arm } from '#core/recharge/agree-to-recharge.ts'
import type { SuspendedReason } from '#core/recharge/terms.ts'
import type { Prisma } from '#prisma'

/**
 * Lets a plan rest until its user does something, and tells them what. The caller holds the plan's lock. A plan that is
 * not on is left alone.
 */
export async function suspendPlan(
  tx: Prisma.TransactionClient,
  { userId, reason }: { userId: bigint; reason: SuspendedReason },
): Promise<void> {
  const cardIsGone = reason === 'card_gone' ? { paymentMethodId: null } : {}
  const { count } = await tx.rechargePlan.updateMany({
    where: { userId, state: 'on' },
    data: { state: 'suspended', suspendedReason: reason, ...cardIsGone },
  })
  if (count === 0) return
  await arm(tx, { userId, threshold: null })
  await enqueueNotice(tx, { userId, text: NOTICES[reason], buttons: 'recharge' })
}

const NOTICES: Record<SuspendedReason, string> = {
  declined: 'recharge-suspended-declined',
  card_gone: 'recharge-suspended-card-gone',
  price_changed: 'recharge-suspended-price-changed',
  product_gone: 'recharge-suspended-product-gone',
  refused: 'recharge-suspended-refused',
}
