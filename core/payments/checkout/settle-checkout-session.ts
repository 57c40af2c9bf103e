import { applyCheckout, type Settled } from '#core/payments/checkout/apply-checkout.ts'
import { settleInTurn } from '#core/payments/settle-in-turn.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { untilFresh } from '#core/subscriptions/ask-about-subscription.ts'
import { applyBegun, askAboutBegun } from '#core/subscriptions/settle-checkout.ts'
import type { PrismaClient } from '#prisma'

/**
 * Asks the rail what is true about a checkout and brings our books in line: the one way in which webhooks, the landing
 * page and the reconciler grant. `missing` when the rail has no such checkout.
 * Throws RailUnavailableError when the rail does not answer; then nothing changed.
 */
export async function settleCheckoutSession(
  db: PrismaClient,
  rail: PaymentRail,
  { sessionId, now }: { sessionId: string; now: Date },
): Promise<Settled | { status: 'missing' }> {
  const checkout = await rail.findCheckout(sessionId)
  if (!checkout) return { status: 'missing' }
  return untilFresh(async () => {
    const begun = await askAboutBegun(db, rail, checkout)
    return settleInTurn(db, (tx) =>
      begun ? applyBegun(tx, { answer: begun, rail, now }) : applyCheckout(tx, { checkout, rail, now }),
    )
  })
}
