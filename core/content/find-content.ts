import type { Db } from '#core/db.ts'
import type { Content, ContentPart, Product } from '#prisma'

/** A content with its media in their order, and the product that sells it for money. */
export type WholeContent = Content & { parts: ContentPart[]; product: Product | null }

const whole = { parts: { orderBy: { position: 'asc' } }, product: true } as const

/** A content with its media and product; null for an id that nobody has given. */
export async function findContent(db: Db, { contentId }: { contentId: number }): Promise<WholeContent | null> {
  return db.content.findUnique({ where: { id: contentId }, include: whole })
}

/** Contents newest first, `limit` at most, those older than `beforeId` when given. */
export async function listContents(
  db: Db,
  { beforeId, limit }: { beforeId: number | null; limit: number },
): Promise<WholeContent[]> {
  return db.content.findMany({
    where: beforeId === null ? {} : { id: { lt: beforeId } },
    include: whole,
    orderBy: { id: 'desc' },
    take: limit,
  })
}

/** How many people have the right to it now. */
export async function countOwners(db: Db, { contentId }: { contentId: number }): Promise<number> {
  return db.unlock.count({ where: { contentId, withdrawnAt: null } })
}

/** Whether a user may see a content now: a right that was withdrawn counts as none. */
export async function ownsContent(
  db: Db,
  { contentId, userId }: { contentId: number; userId: bigint },
): Promise<boolean> {
  const right = await db.unlock.findUnique({ where: { contentId_userId: { contentId, userId } } })
  return right !== null && right.withdrawnAt === null
}
