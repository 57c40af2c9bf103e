import { assertNever } from '#core/assert-never.ts'
import { DAY_MS } from '#core/durations.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { newOrderToken, ORDER_VALID_DAYS, termsOf } from '#core/payments/checkout/place-order.ts'
import { arm } from '#core/recharge/agree-to-recharge.ts'
import { postponeAttempt } from '#core/recharge/claim-attempts.ts'
import { type Judgement, judgeRecharge } from '#core/recharge/judge-recharge.ts'
import { lockPlan } from '#core/recharge/lock-plan.ts'
import { suspendPlan } from '#core/recharge/suspend-plan.ts'
import { nextMonth } from '#core/recharge/terms.ts'
import type { Prisma, PrismaClient } from '#prisma'

type Tx = Prisma.TransactionClient
interface Due {
  id: string
  userId: bigint
}

/**
 * Decides about an attempt that is due. When it is to be charged, its order and its amount are written down first, so
 * that whatever happens from now on counts against the limits. Anything else is written down with its reason.
 * True when it is charging now.
 */
export async function beginCharge(db: PrismaClient, { id, userId, now }: Due & { now: Date }): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const plan = await lockPlan(tx, { userId })
    await tx.$queryRaw`SELECT 1 FROM accounts WHERE user_id = ${userId} FOR UPDATE`
    const attempt = await tx.rechargeAttempt.findUniqueOrThrow({ where: { id } })
    if (attempt.state !== 'due') return attempt.state === 'charging'
    const judgement = await judgeRecharge(tx, { userId, plan, now })
    switch (judgement.do) {
      case 'charge':
        await writeDown(tx, { id, userId }, judgement, now)
        return true
      case 'skip':
        await skip(tx, id, judgement.because, now)
        return false
      case 'sleep':
        await sleep(tx, userId, now)
        await skip(tx, id, 'monthly_cap', now)
        return false
      case 'suspend':
        await suspendPlan(tx, { userId, reason: judgement.because })
        await skip(tx, id, judgement.because, now)
        return false
      case 'wait':
        await postponeAttempt(tx, { id, until: judgement.until, problem: 'too_often' })
        return false
      default:
        return assertNever(judgement)
    }
  })
}

async function writeDown(
  tx: Tx,
  { id, userId }: Due,
  { product, plan, agreedAt }: Extract<Judgement, { do: 'charge' }>,
  now: Date,
): Promise<void> {
  const order = await tx.order.create({
    data: {
      ...termsOf(product),
      userId,
      token: newOrderToken(),
      origin: 'recharge',
      createdAt: now,
      expiresAt: new Date(now.getTime() + ORDER_VALID_DAYS * DAY_MS),
    },
  })
  await tx.rechargeAttempt.update({
    where: { id },
    data: {
      state: 'charging',
      orderId: order.id,
      amountMinor: order.priceMinor,
      currency: order.currency,
      cardFingerprint: plan.cardFingerprint,
      problem: null,
      // Clocks of two processes differ; the books shall tell what came first.
      chargedAt: now > agreedAt ? now : agreedAt,
    },
  })
}

async function skip(tx: Tx, id: string, problem: string, now: Date): Promise<void> {
  await tx.rechargeAttempt.update({ where: { id }, data: { state: 'skipped', problem, endedAt: now, nextTryAt: null } })
}

/** No message asks again before the next month, which starts without charging anything by itself. */
async function sleep(tx: Tx, userId: bigint, now: Date): Promise<void> {
  const until = nextMonth(now)
  await tx.rechargePlan.update({ where: { userId }, data: { cappedUntil: until } })
  await arm(tx, { userId, threshold: null })
  await enqueueNotice(tx, { userId, text: 'recharge-capped', args: { until: until.getTime() }, buttons: 'recharge' })
}
