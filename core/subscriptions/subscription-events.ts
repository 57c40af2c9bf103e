import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { applySubscription } from '#core/subscriptions/apply-subscription.ts'
import { askAboutSubscription } from '#core/subscriptions/ask-about-subscription.ts'
import type { Prisma, PrismaClient } from '#prisma'

type Apply = (tx: Prisma.TransactionClient) => Promise<unknown>
type Bell = { db: PrismaClient; rail: PaymentRail; objectId: string; now: Date }

/** Every event of a subscription means the same: look at it again, with its invoices. */
export async function convergeSubscription({ db, rail, objectId, now }: Bell): Promise<Apply> {
  const answer = await askAboutSubscription(db, rail, { subscriptionId: objectId })
  if (!answer) throw new Error(`Stripe does not know ${objectId}; is the webhook set up for another account or mode?`)
  return (tx) => applySubscription(tx, { answer, rail, now })
}

/** So does every event of one of its invoices; other invoices are none of ours. */
export async function convergeInvoice({ db, rail, objectId, now }: Bell): Promise<Apply | null> {
  const subscriptionId = await rail.subscriptions.findIdByInvoice(objectId)
  return subscriptionId === null ? null : convergeSubscription({ db, rail, objectId: subscriptionId, now })
}
