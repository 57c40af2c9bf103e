import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { applyCardSetup } from '#core/recharge/apply-card-setup.ts'
import { applyCharge } from '#core/recharge/apply-charge.ts'
import { lockPlan } from '#core/recharge/lock-plan.ts'
import { suspendPlan } from '#core/recharge/suspend-plan.ts'
import type { Prisma, PrismaClient } from '#prisma'

type Apply = (tx: Prisma.TransactionClient) => Promise<unknown>

interface News {
  db: PrismaClient
  rail: PaymentRail
  /** The id of the object that the event is about. */
  objectId: string
  now: Date
}

/** A payment succeeded. Those of auto-recharge are known by their id, which was kept before they could; others are not ours. */
export async function convergeCharge({ db, rail, objectId, now }: News): Promise<Apply | null> {
  const attempt = await db.rechargeAttempt.findUnique({ where: { paymentIntentId: objectId }, select: { id: true } })
  if (!attempt) return null
  const charge = await rail.cards.findCharge(objectId)
  if (!charge) throw new Error(`Stripe does not know ${objectId}; is the webhook set up for another account or mode?`)
  return (tx) => applyCharge(tx, { charge, rail, now })
}

/** A page that saves a card was completed, or has expired. */
export async function convergeCardSetup({ rail, objectId, now }: News): Promise<Apply | null> {
  const setup = await rail.cards.findCardSetup(objectId)
  return setup && ((tx) => applyCardSetup(tx, { setup, rail, now }))
}

/** A card was taken from its customer, in Stripe's dashboard or on the billing page. */
export async function convergeCardRemoval({ db, rail, objectId }: News): Promise<Apply | null> {
  const plan = await db.rechargePlan.findFirst({
    where: { paymentMethodId: objectId },
    select: { userId: true, user: { select: { stripeCustomerId: true } } },
  })
  if (!plan) return null
  const { userId, user } = plan
  const { stripeCustomerId: customerId } = user
  if (customerId !== null && (await rail.cards.hasCard({ customerId, paymentMethodId: objectId }))) return null
  return async (tx) => {
    const locked = await lockPlan(tx, { userId })
    if (locked?.paymentMethodId !== objectId) return
    await suspendPlan(tx, { userId, reason: 'card_gone' })
    await tx.rechargePlan.update({ where: { userId }, data: { paymentMethodId: null } })
  }
}
