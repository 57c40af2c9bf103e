import type { Db } from '#core/db.ts'
import { cardBrand } from '#core/rails/card-brand.ts'
import { hasUsableCard, thisMonth } from '#core/recharge/terms.ts'
import type { Product, RechargeState } from '#prisma'

/** A plan as its user sees it. */
export interface PlanView {
  state: RechargeState
  product: Product
  threshold: number
  monthlyCapMinor: number
  /** What was charged in this calendar month (UTC), in minor units of the product's currency. */
  spentMinor: number
  /** The card as people know it, `Visa` and `4242`; null when none can be charged. */
  card: { brand: string; last4: string } | null
  suspendedReason: string | null
  cardToken: string | null
}

/** How a user's auto-recharge stands; null when it was never set up. */
export async function findPlan(db: Db, { userId, now }: { userId: bigint; now: Date }): Promise<PlanView | null> {
  const plan = await db.rechargePlan.findUnique({ where: { userId }, include: { product: true } })
  if (!plan) return null
  const spent = await db.rechargeAttempt.aggregate({
    where: { userId, state: { in: ['charging', 'succeeded'] }, chargedAt: { gte: thisMonth(now) } },
    _sum: { amountMinor: true },
  })
  const { state, product, threshold, monthlyCapMinor, suspendedReason, cardToken } = plan
  const card = hasUsableCard(plan) ? { brand: cardBrand(plan.cardBrand), last4: plan.cardLast4 ?? '' } : null
  const spentMinor = spent._sum.amountMinor ?? 0
  return { state, product, threshold, monthlyCapMinor, spentMinor, card, suspendedReason, cardToken }
}

/** What can be bought by itself, in the owner's order. */
export async function listRechargeProducts(db: Db): Promise<Product[]> {
  return db.product.findMany({
    where: { active: true, kind: 'credits', priceMinor: { gt: 0 } },
    orderBy: [{ sortOrder: 'asc' }, { id: 'asc' }],
  })
}
