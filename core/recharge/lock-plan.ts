import type { Prisma, RechargePlan } from '#prisma'

/**
 * The user's plan, locked until the transaction ends. Whoever changes plans or attempts takes the plan first, then the
 * user, the account and last the attempt: a debit, too, reaches the attempts by way of the account.
 */
export async function lockPlan(
  tx: Prisma.TransactionClient,
  { userId }: { userId: bigint },
): Promise<RechargePlan | null> {
  await tx.$queryRaw`SELECT 1 FROM recharge_plans WHERE user_id = ${userId} FOR UPDATE`
  return tx.rechargePlan.findUnique({ where: { userId } })
}
