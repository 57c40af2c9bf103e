import type { Db } from '#core/db.ts'
import type { PromoCode } from '#prisma'

/** Promo codes, newest first; `before` is the id of the last one on the page before. `next` is null on the last page. */
export async function listPromoCodes(
  db: Db,
  { before = null, limit }: { before?: number | null; limit: number },
): Promise<{ promos: PromoCode[]; next: number | null }> {
  const rows = await db.promoCode.findMany({
    where: before === null ? {} : { id: { lt: before } },
    orderBy: { id: 'desc' },
    take: limit + 1,
  })
  const promos = rows.slice(0, limit)
  return { promos, next: rows.length > limit ? (promos.at(-1)?.id ?? null) : null }
}
