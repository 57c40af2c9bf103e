import type { Db } from '#core/db.ts'
import { orderOfStarsSubscription } from '#core/payments/stars/grant-stars-month.ts'

export interface StarsSubscriptionView {
  /** The order that began it, by which it is named. */
  orderId: string
  label: string
  /** Whether it goes on by itself after the paid month. */
  renews: boolean
  currentPeriodEnd: Date | null
}

/** A user's subscriptions in Stars that have not ended, oldest first. */
export async function listStarsSubscriptions(
  db: Db,
  { userId, now }: { userId: bigint; now: Date },
): Promise<StarsSubscriptionView[]> {
  const subscriptions = await db.subscription.findMany({
    where: {
      userId,
      rail: 'stars',
      endedAt: null,
      // Telegram does not tell of an end that was agreed.
      NOT: { cancelAtPeriodEnd: true, currentPeriodEnd: { lte: now } },
    },
    include: { product: { select: { label: true } } },
    orderBy: { createdAt: 'asc' },
  })
  return subscriptions.map(({ id, product, cancelAtPeriodEnd, currentPeriodEnd }) => ({
    orderId: orderOfStarsSubscription(id),
    label: product.label,
    renews: !cancelAtPeriodEnd,
    currentPeriodEnd,
  }))
}
