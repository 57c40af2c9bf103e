import type { Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

interface Right {
  contentId: number
  userId: bigint
}

/** Everything that gives a user the right to a content queues up here, before it looks whether they have it. */
export async function lockRight(tx: Tx, { contentId, userId }: Right): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`unlock:${contentId}:${userId}`}, 0))`
}

/**
 * Gives a user the right to a content; `source` says how it was paid (`credits`, `order:<id>`). A right that was
 * withdrawn is given anew. False when they have it from somewhere else already; from the same source it stays theirs.
 */
export async function claimRight(
  tx: Tx,
  { contentId, userId, source, now }: Right & { source: string; now: Date },
): Promise<boolean> {
  const claimed = await tx.$executeRaw`
    INSERT INTO unlocks AS u (content_id, user_id, source, created_at) VALUES (${contentId}, ${userId}, ${source}, ${now})
    ON CONFLICT (content_id, user_id) DO UPDATE
      SET source = excluded.source, created_at = excluded.created_at, withdrawn_at = NULL
      WHERE u.withdrawn_at IS NOT NULL`
  if (claimed === 1) return true
  const kept = await tx.unlock.findUnique({ where: { contentId_userId: { contentId, userId } } })
  return kept?.source === source
}
