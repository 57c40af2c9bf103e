import { notify } from '#core/live/notify.ts'
import { starsSubscriptionId } from '#core/payments/stars/grant-stars-month.ts'
import type { StarsRail } from '#core/rails/stars/stars-rail.ts'
import type { PrismaClient } from '#prisma'

export type RenewalSet =
  | { status: 'set'; label: string; currentPeriodEnd: Date | null }
  /** There is no such subscription of this user, or it has ended. */
  | { status: 'over' }

/**
 * Ends the renewal of the subscription in Stars that an order of this user began, or allows it again; the paid month stays. Doing it twice is doing
 * it once. Throws RailUnavailableError when Telegram does not answer; then try again.
 */
export async function setStarsRenewal(
  db: PrismaClient,
  rail: Pick<StarsRail, 'setRenewal'>,
  { orderId, userId, renews }: { orderId: string; userId: bigint; renews: boolean },
): Promise<RenewalSet> {
  const id = starsSubscriptionId(orderId)
  const subscription = await db.subscription.findFirst({
    where: { id, userId, rail: 'stars', endedAt: null },
    // Telegram knows a subscription by its first payment.
    include: { payments: { orderBy: { createdAt: 'asc' }, take: 1 }, product: { select: { label: true } } },
  })
  const chargeId = subscription?.payments[0]?.starsChargeId
  if (!subscription || !chargeId) return { status: 'over' }
  if ((await rail.setRenewal({ userId, chargeId, renews })) === 'over') return { status: 'over' }
  await db.subscription.update({ where: { id }, data: { cancelAtPeriodEnd: !renews } })
  await notify(db, 'live')
  return { status: 'set', label: subscription.product.label, currentPeriodEnd: subscription.currentPeriodEnd }
}
