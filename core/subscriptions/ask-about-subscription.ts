import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { StaleAnswerError, type SubscriptionAnswer } from '#core/subscriptions/apply-subscription.ts'
import type { PrismaClient } from '#prisma'

const MAX_ROUNDS = 5

/** Asks the rail about a subscription, noting first what we knew; null when the rail has no such subscription. */
export async function askAboutSubscription(
  db: PrismaClient,
  rail: PaymentRail,
  { subscriptionId }: { subscriptionId: string },
): Promise<SubscriptionAnswer | null> {
  const row = await db.subscription.findUnique({ where: { id: subscriptionId }, select: { revision: true } })
  const subscription = await rail.subscriptions.find(subscriptionId)
  return subscription && { subscription, seenRevision: row?.revision ?? null }
}

/** Runs it again, which asks again, as long as others are quicker. */
export async function untilFresh<T>(run: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round += 1) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof StaleAnswerError) || round === MAX_ROUNDS) throw error
    }
  }
}
