import { isOrderToken } from '#core/payments/checkout/place-order.ts'
import { type PaymentRail, RailUnavailableError } from '#core/rails/payment-rail.ts'
import { settleCardSetup } from '#core/recharge/open-card-setup.ts'
import { hasUsableCard } from '#core/recharge/terms.ts'
import type { PrismaClient } from '#prisma'

/** What somebody is told who came back from the page that saves a card. */
export type CardLanding = 'saved' | 'not_saved' | 'off' | 'unavailable'

/**
 * Where saving a card stands. Coming back proves nothing, so the rail is asked about the page that the plan waits for,
 * in the same way as after an event. Null for an unknown link.
 */
export async function landOnCardPage(
  db: PrismaClient,
  rail: Pick<PaymentRail, 'livemode' | 'cards'>,
  { token, now }: { token: string; now: Date },
): Promise<CardLanding | null> {
  const before = await findPlan(db, token)
  if (!before) return null
  try {
    if (before.cardSessionId !== null) await settleCardSetup(db, rail, { sessionId: before.cardSessionId, now })
  } catch (error) {
    if (error instanceof RailUnavailableError) return 'unavailable'
    throw error
  }
  const plan = await findPlan(db, token)
  if (!plan || plan.state === 'off') return 'off'
  return hasUsableCard(plan) && plan.state === 'on' ? 'saved' : 'not_saved'
}

async function findPlan(db: PrismaClient, token: string) {
  return isOrderToken(token) ? db.rechargePlan.findUnique({ where: { cardToken: token } }) : null
}
