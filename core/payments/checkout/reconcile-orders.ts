import { settleCheckoutSession } from '#core/payments/checkout/settle-checkout-session.ts'
import { type PaymentRail, RailUnavailableError } from '#core/rails/payment-rail.ts'
import type { PrismaClient } from '#prisma'

/** Younger orders are left to the webhook. */
const LEFT_TO_WEBHOOK_MS = 10 * 60_000

export interface Reconciliation {
  asked: number
  /** Orders that were paid without our having noticed. */
  granted: number
  /** The rail stopped answering; the rest waits for the next round. */
  isCutShort: boolean
}

/**
 * Asks the rail about open orders whose payment page was opened, in case the webhook was lost for good. Takes a random
 * sample, which bounds the cost of a round and still comes to every order soon. Also closes orders past their date.
 */
export async function reconcileOrders(
  db: PrismaClient,
  rail: PaymentRail,
  { now, limit = 50 }: { now: Date; limit?: number },
): Promise<Reconciliation> {
  const openedBefore = new Date(now.getTime() - LEFT_TO_WEBHOOK_MS)
  const due = await db.$queryRaw<{ sessionId: string }[]>`
    SELECT checkout_session_id AS "sessionId" FROM orders
    WHERE state IN ('open', 'expired') AND checkout_session_id IS NOT NULL AND created_at < ${openedBefore}
    ORDER BY random() LIMIT ${limit}`
  const result: Reconciliation = { asked: 0, granted: 0, isCutShort: false }
  for (const { sessionId } of due) {
    try {
      const settled = await settleCheckoutSession(db, rail, { sessionId, now })
      result.asked += 1
      if (settled.status === 'granted') result.granted += 1
      if (settled.status === 'missing') await forgetCheckout(db, sessionId)
    } catch (error) {
      if (!(error instanceof RailUnavailableError)) throw error
      result.isCutShort = true
      break
    }
  }
  await db.order.updateMany({
    where: { state: 'open', expiresAt: { lte: now }, checkoutSessionId: null },
    data: { state: 'expired' },
  })
  return result
}

/** A checkout of another Stripe account or mode, from before the key was changed: the pay link shall open a new one. */
async function forgetCheckout(db: PrismaClient, sessionId: string): Promise<void> {
  await db.order.updateMany({ where: { checkoutSessionId: sessionId }, data: { checkoutSessionId: null } })
}
