import type { Db } from '#core/db.ts'
import type { Prisma, Product, Subscription } from '#prisma'

export type OwnSubscription = Subscription & { product: Product }

/** Live: it renews, or what was paid still runs. One in Stars ends with its month, of which Telegram tells nothing. */
function isLive(now: Date): Prisma.SubscriptionWhereInput {
  return { endedAt: null, OR: [{ rail: 'stripe' }, { currentPeriodEnd: { gt: now } }] }
}

/** A user's live subscriptions, the oldest first. */
export async function listLiveSubscriptions(
  db: Db,
  { userId, now }: { userId: bigint; now: Date },
): Promise<OwnSubscription[]> {
  return db.subscription.findMany({
    where: { userId, ...isLive(now) },
    include: { product: true },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  })
}

/** The live subscription of a user to a product; null when there is none. */
export async function findLiveSubscription(
  db: Db,
  { userId, productId, now }: { userId: bigint; productId: number; now: Date },
): Promise<Subscription | null> {
  return db.subscription.findFirst({ where: { userId, productId, ...isLive(now) } })
}

/** One of the user's own, live or over; null for one of somebody else. */
export async function findOwnSubscription(
  db: Db,
  { userId, subscriptionId }: { userId: bigint; subscriptionId: string },
): Promise<OwnSubscription | null> {
  return db.subscription.findFirst({ where: { id: subscriptionId, userId }, include: { product: true } })
}
