import 'server-only'
import { findOrderByToken, type OrderView } from '#core/payments/checkout/find-order.ts'
import { settleCheckoutSession } from '#core/payments/checkout/settle-checkout-session.ts'
import { type PaymentRail, RailUnavailableError } from '#core/rails/payment-rail.ts'
import type { PrismaClient } from '#prisma'

/** What a buyer is told about their order. */
export type CheckoutState =
  | { name: 'paid'; order: OrderView }
  /** Paid or on its way, but not yet seen by us. */
  | { name: 'confirming'; order: OrderView }
  /** Money arrived that a person has to look at. */
  | { name: 'review'; order: OrderView }
  | { name: 'payable'; order: OrderView }
  /** Payable, after a payment that was under way bounced. */
  | { name: 'failed'; order: OrderView }
  | { name: 'expired'; order: OrderView }

/** The state of an order as the database has it; null for an unknown token. */
export async function readCheckoutState(
  db: PrismaClient,
  { token, now }: { token: string; now: Date },
): Promise<CheckoutState | null> {
  const order = await findOrderByToken(db, { token })
  if (!order) return null
  if (order.state === 'granted') return { name: 'paid', order }
  if (order.state === 'quarantined') return { name: 'review', order }
  if (order.state === 'expired' || order.expiresAt <= now) return { name: 'expired', order }
  return { name: 'payable', order }
}

/**
 * The state of an order whose buyer came back from the payment page. Coming back proves nothing, so Stripe is asked,
 * in the same way as after a webhook. Only the order's own session is looked at, whatever the address claims.
 */
export async function landOnSuccess(
  db: PrismaClient,
  rail: PaymentRail,
  { token, sessionId, now }: { token: string; sessionId: string; now: Date },
): Promise<CheckoutState | null> {
  const before = await readCheckoutState(db, { token, now })
  if (!before || before.name === 'paid' || before.name === 'review') return before
  // A payment that failed has freed the order from its session.
  const isFreed = before.order.checkoutSessionId === null
  if (!isFreed && before.order.checkoutSessionId !== sessionId) return before
  const fate = isFreed
    ? await recallSession(rail, { sessionId, orderId: before.order.id })
    : await settleSession(db, rail, { sessionId, now })
  const after = await readCheckoutState(db, { token, now })
  if (!after || after.name === 'paid' || after.name === 'review') return after
  if (fate === 'under_way') return { name: 'confirming', order: after.order }
  return fate === 'failed' && after.name === 'payable' ? { name: 'failed', order: after.order } : after
}

/** What can still come of a session that has not been paid. */
type Fate = 'under_way' | 'failed' | 'open'

async function settleSession(
  db: PrismaClient,
  rail: PaymentRail,
  { sessionId, now }: { sessionId: string; now: Date },
): Promise<Fate> {
  try {
    const settled = await settleCheckoutSession(db, rail, { sessionId, now })
    if (settled.status !== 'not_paid') return 'open'
    if (settled.payment === 'pending') return 'under_way'
    return settled.payment === 'failed' ? 'failed' : 'open'
  } catch (error) {
    if (error instanceof RailUnavailableError) return 'under_way'
    throw error
  }
}

/** Only looks: the session was dealt with before. */
async function recallSession(
  rail: PaymentRail,
  { sessionId, orderId }: { sessionId: string; orderId: string },
): Promise<Fate> {
  try {
    const checkout = await rail.findCheckout(sessionId)
    return checkout?.orderId === orderId && checkout.payment === 'failed' ? 'failed' : 'open'
  } catch (error) {
    if (error instanceof RailUnavailableError) return 'open'
    throw error
  }
}
