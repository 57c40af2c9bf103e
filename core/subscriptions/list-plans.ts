import type { Db } from '#core/db.ts'
import type { Product, Subscription } from '#prisma'

/** The products that a subscription could change to: on sale, in its currency, and not what it is. */
export async function listPlans(
  db: Db,
  { subscription }: { subscription: Pick<Subscription, 'productId' | 'currency' | 'rail'> },
): Promise<Product[]> {
  const { productId, currency, rail } = subscription
  if (rail !== 'stripe') return []
  return db.product.findMany({
    where: { active: true, kind: 'subscription', gives: { not: null }, currency, id: { not: productId } },
    orderBy: [{ sortOrder: 'asc' }, { id: 'asc' }],
  })
}
