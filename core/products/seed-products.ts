import { demoSubscriptions, starterProducts } from '#core/products/starter-products.ts'
import type { PrismaClient } from '#prisma'

/**
 * Gives a new business its first products, priced in `currency` (ISO code, any case). Does nothing once there has been
 * any product, so that what the owner changed, archived or removed stays that way. Safe to run at every start, also
 * by several processes at once. Answers how many products were made.
 */
export async function seedProducts(
  db: PrismaClient,
  { currency: given, withSubscriptions = false }: { currency: string; withSubscriptions?: boolean },
): Promise<number> {
  const currency = given.toLowerCase()
  const subscriptions = withSubscriptions ? demoSubscriptions(currency) : []
  return db.$transaction(async (tx) => {
    // Waits for another seeding in progress, never for readers.
    await tx.$executeRaw`LOCK TABLE products IN SHARE ROW EXCLUSIVE MODE`
    if ((await tx.product.count()) > 0) return 0
    const { count } = await tx.product.createMany({ data: [...starterProducts(currency), ...subscriptions] })
    return count
  })
}
