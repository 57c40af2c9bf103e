import { settleInTurn } from '#core/payments/settle-in-turn.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { applySubscription, type SubscriptionSettled } from '#core/subscriptions/apply-subscription.ts'
import { askAboutSubscription, untilFresh } from '#core/subscriptions/ask-about-subscription.ts'
import type { PrismaClient } from '#prisma'

/**
 * Asks the rail what is true about a subscription and brings our books in line. `missing` when the rail has none such.
 * Throws RailUnavailableError when the rail does not answer; then nothing changed.
 */
export async function settleSubscription(
  db: PrismaClient,
  rail: PaymentRail,
  { subscriptionId, now }: { subscriptionId: string; now: Date },
): Promise<SubscriptionSettled | { status: 'missing' }> {
  return untilFresh(async () => {
    const answer = await askAboutSubscription(db, rail, { subscriptionId })
    if (!answer) return { status: 'missing' }
    return settleInTurn(db, (tx) => applySubscription(tx, { answer, rail, now }))
  })
}
