import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { assertNever } from '#core/assert-never.ts'
import { ownsContent } from '#core/content/find-content.ts'
import { checkoutLinks } from '#core/payments/checkout/checkout-links.ts'
import { findMismatch } from '#core/payments/checkout/judge-checkout.ts'
import { isOrderToken } from '#core/payments/checkout/place-order.ts'
import { settleCheckoutSession } from '#core/payments/checkout/settle-checkout-session.ts'
import { waysToPay } from '#core/products/ways-to-pay.ts'
import { type Checkout, type PaymentRail, RailUnavailableError } from '#core/rails/payment-rail.ts'
import { loadSettings } from '#core/settings/load-settings.ts'
import type { RailChoice } from '#core/settings/settings.ts'
import { findLiveSubscription } from '#core/subscriptions/list-subscriptions.ts'
import type { Order, PrismaClient, User } from '#prisma'

export type OpenedCheckout =
  | { status: 'redirect'; url: string }
  | { status: 'paid' }
  /** A slow payment method is on its way; paying again would be paying twice. */
  | { status: 'pending' }
  /** Money arrived that does not fit; a person looks at it. */
  | { status: 'quarantined' }
  | { status: 'expired' }
  /** It is not sold to this buyer by this link now: they were banned or have it, or the owner takes no money this way. */
  | { status: 'closed' }
  | { status: 'unknown' }
  /** The rail does not answer; trying again helps. */
  | { status: 'unavailable' }
  /** The rail will not sell this; trying again does not help, the team was told. */
  | { status: 'refused' }

interface OpenCheckoutInput {
  token: string
  publicUrl: string
  now: Date
}

/** A page about to close is not worth opening: filling in a card takes minutes. */
const USABLE_FOR_MS = 10 * 60_000
/** Each round either answers or finds the order changed by somebody else; more than this is a fault. */
const MAX_ROUNDS = 6

type Step = { order: Order & { user: User }; rails: RailChoice; publicUrl: string; now: Date }

/**
 * Opens the payment page of a pay link: the one that is open already, or a fresh one. Clicking many times at once opens
 * one. Never leaves two payable pages for an order, and settles on the way what turns out to be paid.
 */
export async function openCheckout(
  db: PrismaClient,
  rail: PaymentRail,
  { token, publicUrl, now }: OpenCheckoutInput,
): Promise<OpenedCheckout> {
  if (!isOrderToken(token)) return { status: 'unknown' }
  try {
    // Fresh, so that a way to pay that was closed a moment ago is closed.
    const { rails } = (await loadSettings(db)).settings
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const order = await db.order.findUnique({ where: { token }, include: { user: true } })
      if (!order) return { status: 'unknown' }
      const step = { order, rails, publicUrl, now }
      const outcome =
        closedOrder(order) ??
        (await refuseOwned(db, rail, order)) ??
        (await leadToSubscription(db, rail, step)) ??
        (await followOpenCheckout(db, rail, step)) ??
        (await openFresh(db, rail, step))
      if (outcome) return outcome
    }
    return { status: 'unavailable' }
  } catch (error) {
    if (error instanceof RailUnavailableError) return { status: 'unavailable' }
    throw error
  }
}

function closedOrder(order: Order): OpenedCheckout | null {
  if (order.state === 'granted') return { status: 'paid' }
  if (order.state === 'quarantined') return { status: 'quarantined' }
  return null
}

/** Nobody pays for a content that became theirs in another way. Null when a page that was open may have been paid. */
async function refuseOwned(db: PrismaClient, rail: PaymentRail, order: Order): Promise<OpenedCheckout | null> {
  const { contentId, userId, checkoutSessionId } = order
  if (contentId === null || !(await ownsContent(db, { contentId, userId }))) return null
  if (checkoutSessionId !== null && (await rail.closeCheckout(checkoutSessionId)) !== 'closed') return null
  await db.order.updateMany({
    where: { id: order.id, state: 'open' },
    data: { state: 'expired', checkoutSessionId: null },
  })
  return { status: 'expired' }
}

/** Who has the subscription already comes to where it is managed. Null when a page that was open may have been paid. */
async function leadToSubscription(db: PrismaClient, rail: PaymentRail, step: Step): Promise<OpenedCheckout | null> {
  const { order, publicUrl, now } = step
  const { userId, productId, checkoutSessionId, user } = order
  if (order.kind !== 'subscription' || !(await findLiveSubscription(db, { userId, productId, now }))) return null
  if (checkoutSessionId !== null) {
    if ((await rail.closeCheckout(checkoutSessionId)) !== 'closed') return null
    await forgetCheckout(db, order)
  }
  const { stripeCustomerId: customerId } = user
  const returnUrl = checkoutLinks(publicUrl, order.token).status
  const url = customerId === null ? null : await rail.cards.openBillingPage({ customerId, returnUrl })
  return url === null ? { status: 'closed' } : { status: 'redirect', url }
}

/** Null when there is no checkout to follow any more and the order should be looked at anew. */
async function followOpenCheckout(db: PrismaClient, rail: PaymentRail, step: Step): Promise<OpenedCheckout | null> {
  const { order, now } = step
  const sessionId = order.checkoutSessionId
  const over = findEnd(step)
  if (sessionId === null) return over
  const checkout = await rail.findCheckout(sessionId)
  if (checkout?.status === 'open') {
    if (!over && isUsable(checkout, now)) return { status: 'redirect', url: checkout.url }
    // Should it be paid in this very moment, the next round sees it.
    if ((await rail.closeCheckout(sessionId)) === 'closed') await forgetCheckout(db, order)
    return null
  }
  if (checkout?.payment === 'pending') return { status: 'pending' }
  if (checkout) await settleCheckoutSession(db, rail, { sessionId, now })
  else await forgetCheckout(db, order)
  return null
}

async function openFresh(db: PrismaClient, rail: PaymentRail, step: Step): Promise<OpenedCheckout | null> {
  const { order, publicUrl } = step
  // A checkout that was just left behind: look again first.
  if (order.checkoutSessionId !== null) return null
  const outcome = await rail.createCheckout({
    orderId: order.id,
    attempt: order.attempts + 1,
    isSubscription: order.kind === 'subscription',
    label: order.label,
    description: order.description,
    priceMinor: order.priceMinor,
    currency: order.currency,
    priceId: order.stripePriceId,
    customerId: order.user.stripeCustomerId,
    links: checkoutLinks(publicUrl, order.token),
  })
  switch (outcome.status) {
    case 'created':
      return keepCheckout(db, rail, step, outcome.checkout)
    case 'attempt_spent':
      await spendAttempt(db, order, null)
      return outcome.because === 'failure' ? { status: 'unavailable' } : null
    case 'customer_gone':
      await db.user.updateMany({
        where: { id: order.userId, stripeCustomerId: order.user.stripeCustomerId },
        data: { stripeCustomerId: null },
      })
      await spendAttempt(db, order, null)
      return null
    case 'refused':
      return refuse(db, order, outcome.reason)
    default:
      return assertNever(outcome)
  }
}

async function keepCheckout(
  db: PrismaClient,
  rail: PaymentRail,
  { order, now }: Step,
  checkout: Checkout,
): Promise<OpenedCheckout | null> {
  const mismatch = findMismatch(order, checkout, rail)
  if (mismatch !== null) {
    await rail.closeCheckout(checkout.id)
    await spendAttempt(db, order, null)
    return refuse(db, order, mismatch)
  }
  const isKept = await spendAttempt(db, order, checkout.id)
  return isKept && isUsable(checkout, now) ? { status: 'redirect', url: checkout.url } : null
}

/** Compare-and-set: only who saw the newest attempt may write, so two clicks cannot keep two checkouts. */
async function spendAttempt(db: PrismaClient, order: Order, checkoutSessionId: string | null): Promise<boolean> {
  const { count } = await db.order.updateMany({
    where: { id: order.id, attempts: order.attempts, checkoutSessionId: null, state: order.state },
    data: { attempts: order.attempts + 1, checkoutSessionId },
  })
  return count === 1
}

async function forgetCheckout(db: PrismaClient, order: Order): Promise<void> {
  await db.order.updateMany({
    where: { id: order.id, checkoutSessionId: order.checkoutSessionId },
    data: { checkoutSessionId: null },
  })
}

async function refuse(db: PrismaClient, order: Order, reason: string): Promise<OpenedCheckout> {
  await raiseAlert(db, {
    key: `checkout-refused:product:${order.productId}`,
    severity: 'urgent',
    title: `“${order.label}” cannot be sold`,
    detail: `Stripe's payment page for it could not be opened. ${reason}`,
  })
  return { status: 'refused' }
}

/** Why no page is opened for the order any more; null when one may be. */
function findEnd({ order, rails, now }: Step): OpenedCheckout | null {
  if (order.state === 'expired' || order.expiresAt <= now) return { status: 'expired' }
  return order.user.bannedAt || !waysToPay(order, rails).includes('stripe') ? { status: 'closed' } : null
}

function isUsable(checkout: Checkout, now: Date): checkout is Checkout & { url: string } {
  return (
    checkout.status === 'open' && checkout.url !== null && checkout.expiresAt.getTime() - now.getTime() > USABLE_FOR_MS
  )
}
