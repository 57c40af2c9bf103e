import type { Prisma } from '#prisma'

/**
 * Adds a purchase to what the user has spent (minor units of the shop's currency). Commit it with the grant.
 */
export async function countPurchase(
  tx: Prisma.TransactionClient,
  { userId, amountMinor }: { userId: bigint; amountMinor: number },
): Promise<void> {
  await tx.user.update({
    where: { id: userId },
    data: { spentMinor: { increment: amountMinor }, purchases: { increment: 1 } },
  })
}
