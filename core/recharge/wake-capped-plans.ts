import { arm } from '#core/recharge/agree-to-recharge.ts'
import { lockPlan } from '#core/recharge/lock-plan.ts'
import type { PrismaClient } from '#prisma'

/**
 * Lets plans that reached their cap in an earlier month ask again. Nothing is charged by it: the next message that
 * leaves too little asks. One by one, since two locks of many accounts could cross. Returns how many.
 */
export async function wakeCappedPlans(
  db: PrismaClient,
  { now, limit = 200 }: { now: Date; limit?: number },
): Promise<number> {
  const due = await db.rechargePlan.findMany({
    where: { cappedUntil: { lte: now } },
    select: { userId: true },
    take: limit,
  })
  for (const { userId } of due) {
    await db.$transaction(async (tx) => {
      const plan = await lockPlan(tx, { userId })
      if (!plan?.cappedUntil || plan.cappedUntil > now) return
      await tx.rechargePlan.update({ where: { userId }, data: { cappedUntil: null } })
      if (plan.state === 'on') await arm(tx, { userId, threshold: plan.threshold })
    })
  }
  return due.length
}
