import type { Db } from '#core/db.ts'
import type { Product, ProductKind } from '#prisma'

/** What can be paid for and granted today. */
const sellableKinds: ProductKind[] = ['credits', 'time']

/** Whether an order of this product can be fulfilled. */
export function isSellable(product: Pick<Product, 'active' | 'kind'>): boolean {
  return product.active && sellableKinds.includes(product.kind)
}

/** The products on offer, in the owner's order. */
export async function listProductsOnOffer(db: Db): Promise<Product[]> {
  return db.product.findMany({
    where: { active: true, kind: { in: sellableKinds } },
    orderBy: [{ sortOrder: 'asc' }, { id: 'asc' }],
  })
}

/** The products that a quick-buy command names, smallest number first. */
export async function listQuickBuyProducts(db: Db): Promise<(Product & { quickBuy: number })[]> {
  const products = await db.product.findMany({
    where: { active: true, kind: { in: sellableKinds }, quickBuy: { not: null } },
    orderBy: { quickBuy: 'asc' },
  })
  return products.flatMap((product) => (product.quickBuy === null ? [] : [{ ...product, quickBuy: product.quickBuy }]))
}
