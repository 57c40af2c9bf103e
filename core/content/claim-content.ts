import { claimRight, lockRight } from '#core/content/claim-right.ts'
import { isPayable } from '#core/payments/checkout/win-order.ts'
import type { Order, Prisma } from '#prisma'

/**
 * Gives the buyer of a content the right to it, before their order is granted. Answers why that cannot be, in words for
 * the team, when they have it already: they paid twice, and one of the payments has to be given back. Null for orders of
 * anything else, and for orders that were dealt with before.
 */
export async function claimContent(
  tx: Prisma.TransactionClient,
  { order, now }: { order: Pick<Order, 'id' | 'kind' | 'contentId' | 'userId'>; now: Date },
): Promise<string | null> {
  const { id, kind, contentId, userId } = order
  if (kind !== 'content' || contentId === null) return null
  // The user's row first, as whoever takes a right away does: neither waits for the other in a circle.
  await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${userId} FOR NO KEY UPDATE`
  await lockRight(tx, { contentId, userId })
  // Another payment of the same order must not give a right anew that was withdrawn.
  if (!(await isPayable(tx, { orderId: id }))) return null
  const isTheirs = await claimRight(tx, { contentId, userId, source: `order:${id}`, now })
  return isTheirs ? null : 'The buyer had it already.'
}
