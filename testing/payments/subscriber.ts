import { placeOrder } from '#core/payments/checkout/place-order.ts'
import type { Order, Prisma } from '#prisma'
import type { SavedCardBehaviour } from '#sandbox/stripe/control-types.ts'
import { clickPayLink, deliverEvents, newProduct, newUser, type Shop } from '#testing/payments/shop.ts'

const DAY_SECONDS = 86_400

/** Thirty credits and three on top, every month for nine dollars, unless told otherwise. */
export const monthlyCredits = {
  kind: 'subscription',
  gives: 'credits',
  label: 'Monthly credits',
  amount: 30,
  bonus: 3,
  priceMinor: 900,
} as const satisfies Partial<Prisma.ProductCreateInput>

export const monthlyAccess = {
  ...monthlyCredits,
  gives: 'access',
  label: 'Monthly access',
  amount: 1,
  bonus: 0,
} as const satisfies Partial<Prisma.ProductCreateInput>

export async function orderSubscription(
  shop: Shop,
  given: Partial<Prisma.ProductCreateInput> = {},
  userId?: bigint,
): Promise<Order> {
  const product = await newProduct(shop, { ...monthlyCredits, ...given })
  const user = userId ?? (await newUser(shop))
  const placed = await placeOrder(shop.db, { userId: user, productId: product.id, now: new Date() })
  if (placed.status !== 'placed') throw new Error(`the order is ${placed.status}`)
  return placed.order
}

/** Pays the first month at Stripe; the shop has heard nothing of it yet. */
export async function payFirstMonth(shop: Shop, order: Order, savedCard: SavedCardBehaviour = 'succeeds') {
  const sessionId = await clickPayLink(shop, order)
  const { session } = await shop.world.paySession({ sessionId, savedCard })
  return {
    order,
    userId: order.userId,
    sessionId,
    subscriptionId: String(session.subscription),
    customerId: String(session.customer),
  }
}

/** A user whose subscription runs and is known to the shop. */
export async function newSubscriber(
  shop: Shop,
  given: Partial<Prisma.ProductCreateInput> = {},
  savedCard?: SavedCardBehaviour,
) {
  const subscriber = await payFirstMonth(shop, await orderSubscription(shop, given), savedCard)
  await deliverEvents(shop)
  return subscriber
}

/** Moves Stripe's time; the shop's own stands still. */
export async function passDays({ world }: Shop, days: number): Promise<void> {
  await world.advanceClock({ seconds: days * DAY_SECONDS })
}

/** Moves Stripe's time to where the next period has begun and its money was asked for. */
export async function passPeriod({ world, sdk }: Shop, subscriptionId: string): Promise<void> {
  const { items } = await sdk.subscriptions.retrieve(subscriptionId)
  const { now } = await world.advanceClock({ seconds: 0 })
  const endsIn = (items.data[0]?.current_period_end ?? now) - now
  await world.advanceClock({ seconds: endsIn + 2 * 3_600 })
}

/** Everything that a subscription leaves behind for one user. */
export async function readSubscriptionBooks({ db }: Shop, userId: bigint) {
  const [subscriptions, account, payments, notices, alerts, entries] = await Promise.all([
    db.subscription.findMany({ where: { userId }, orderBy: { createdAt: 'asc' } }),
    db.account.findUniqueOrThrow({ where: { userId } }),
    db.payment.findMany({ where: { userId }, orderBy: { createdAt: 'asc' } }),
    db.outboxItem.findMany({ where: { userId, purpose: 'notice' }, orderBy: { id: 'asc' } }),
    db.alert.findMany(),
    db.ledgerEntry.findMany({ where: { userId }, orderBy: { version: 'asc' } }),
  ])
  return {
    subscriptions: subscriptions.map(({ status, cancelAtPeriodEnd, endedAt }) => ({
      status,
      ends: cancelAtPeriodEnd,
      isOver: endedAt !== null,
    })),
    paid: account.paid,
    bonus: account.bonus,
    passUntil: account.passUntil,
    payments: payments.map(({ state }) => state),
    // What is said about saved cards is another matter.
    notices: notices.map(({ payload }) => (payload as { text: string }).text).filter((text) => text.startsWith('sub-')),
    alerts: alerts.map(({ title }) => title),
    entries: entries.map(({ kind, amount, passSeconds }) => [kind, amount || passSeconds]),
  }
}
