import type { Db } from '#core/db.ts'
import { payableBy } from '#core/products/ways-to-pay.ts'
import type { RailChoice } from '#core/settings/settings.ts'
import type { Product } from '#prisma'

/**
 * The products on offer while the owner takes money as `rails` says: credits, passes, then what renews, each in the
 * owner's order.
 */
export async function listProductsOnOffer(db: Db, { rails }: { rails: RailChoice }): Promise<Product[]> {
  return db.product.findMany({
    where: { active: true, ...payableBy(rails) },
    orderBy: [{ kind: 'asc' }, { sortOrder: 'asc' }, { id: 'asc' }],
  })
}

/** The products that a quick-buy command names, smallest number first. */
export async function listQuickBuyProducts(
  db: Db,
  { rails }: { rails: RailChoice },
): Promise<(Product & { quickBuy: number })[]> {
  const products = await db.product.findMany({
    where: { active: true, ...payableBy(rails), quickBuy: { not: null } },
    orderBy: { quickBuy: 'asc' },
  })
  return products.flatMap((product) => (product.quickBuy === null ? [] : [{ ...product, quickBuy: product.quickBuy }]))
}
