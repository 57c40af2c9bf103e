import { placeOrder } from '#core/payments/checkout/place-order.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { findOwnSubscription, type OwnSubscription } from '#core/subscriptions/list-subscriptions.ts'
import { settleSubscription } from '#core/subscriptions/settle-subscription.ts'
import type { ChangeOutcome } from '#core/subscriptions/subscription-rail.ts'
import type { PrismaClient } from '#prisma'

export type Changed =
  | { status: 'changed'; subscription: OwnSubscription }
  /** It is not theirs, has ended, or is none that we can change. */
  | { status: 'gone' }
  /** The rail will not do it. */
  | { status: 'refused'; reason: string }

interface Wish {
  userId: bigint
  subscriptionId: string
  now: Date
}

/**
 * Lets the user's subscription end with what is paid, or go on after all. The rail is told first and then asked, so
 * that the answer shows what is true there. Safe to repeat. Throws RailUnavailableError when the rail does not answer.
 */
export async function setRenewal(
  db: PrismaClient,
  rail: PaymentRail,
  { renews, ...wish }: Wish & { renews: boolean },
): Promise<Changed> {
  if (!(await findChangeable(db, wish))) return { status: 'gone' }
  const { subscriptionId } = wish
  const { subscriptions } = rail
  const outcome = await (renews
    ? subscriptions.resume(subscriptionId)
    : subscriptions.cancelAtPeriodEnd(subscriptionId))
  return lookAgain(db, rail, wish, outcome)
}

export type PlanChanged =
  | Changed
  /** The product is gone, costs another currency, or is not sold in this way. */
  | { status: 'unavailable' }
  /** The user has a subscription to that product already. */
  | { status: 'subscribed' }

/**
 * Puts the user's subscription on another product from the next period on; the present one stays as it was paid. The
 * new terms are an order of their own, which the first period under them grants. Safe to repeat.
 * Throws RailUnavailableError when the rail does not answer.
 */
export async function changePlan(
  db: PrismaClient,
  rail: PaymentRail,
  { productId, ...wish }: Wish & { productId: number },
): Promise<PlanChanged> {
  const { userId, subscriptionId, now } = wish
  const before = await findChangeable(db, wish)
  if (!before) return { status: 'gone' }
  if (before.productId === productId) return { status: 'changed', subscription: before }
  const product = await db.product.findUnique({ where: { id: productId } })
  if (product?.kind !== 'subscription' || product.currency !== before.currency) return { status: 'unavailable' }
  const placed = await placeOrder(db, { userId, productId, now })
  if (placed.status === 'subscribed') return { status: 'subscribed' }
  if (placed.status !== 'placed') return { status: 'unavailable' }
  const current = await rail.subscriptions.find(subscriptionId)
  if (!current || current.itemId === null) return { status: 'gone' }
  const { id: orderId, label, priceMinor, currency, stripePriceId: priceId } = placed.order
  const terms = { orderId, label, priceMinor, currency, priceId }
  const outcome = await rail.subscriptions.changePlan({ id: subscriptionId, itemId: current.itemId, ...terms })
  return lookAgain(db, rail, wish, outcome)
}

async function findChangeable(db: PrismaClient, wish: Wish): Promise<OwnSubscription | null> {
  const own = await findOwnSubscription(db, wish)
  return own && own.rail === 'stripe' && own.endedAt === null ? own : null
}

async function lookAgain(
  db: PrismaClient,
  rail: PaymentRail,
  { userId, subscriptionId, now }: Wish,
  outcome: ChangeOutcome,
): Promise<Changed> {
  await settleSubscription(db, rail, { subscriptionId, now })
  const subscription = await findOwnSubscription(db, { userId, subscriptionId })
  if (!subscription || subscription.endedAt !== null || outcome.status === 'gone') return { status: 'gone' }
  return outcome.status === 'refused' ? outcome : { status: 'changed', subscription }
}
