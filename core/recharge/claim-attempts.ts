import type { PrismaClient, RechargeAttempt } from '#prisma'

/** A claim that is not finished by then (its process died) is open to others. Longer than the rail's answers take. */
const LEASE_SECONDS = 60

export type ClaimedAttempt = Pick<RechargeAttempt, 'id' | 'userId' | 'state' | 'paymentIntentId' | 'tries'>

/**
 * Takes up to `limit` open attempts that nobody is working on, oldest first, each leased to the caller for a minute.
 * Should two ever work on one, nothing is charged twice: every step is taken once, and a charge is one charge.
 */
export async function claimAttempts(db: PrismaClient, { limit }: { limit: number }): Promise<ClaimedAttempt[]> {
  return db.$queryRaw<ClaimedAttempt[]>`
    UPDATE recharge_attempts a SET tries = a.tries + 1, next_try_at = now() + make_interval(secs => ${LEASE_SECONDS})
    FROM (
      SELECT id FROM recharge_attempts
      WHERE state IN ('due', 'charging') AND (next_try_at IS NULL OR next_try_at <= now())
      ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ) open
    WHERE a.id = open.id
    RETURNING a.id, a.user_id AS "userId", a.state, a.payment_intent_id AS "paymentIntentId", a.tries`
}

/** Lets go of an attempt until the given time; `problem` says why. */
export async function postponeAttempt(
  db: Pick<PrismaClient, 'rechargeAttempt'>,
  { id, until, problem }: { id: string; until: Date; problem: string },
): Promise<void> {
  await db.rechargeAttempt.updateMany({
    where: { id, state: { in: ['due', 'charging'] } },
    data: { nextTryAt: until, problem },
  })
}
