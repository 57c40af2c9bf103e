import { freezePayment, unfreezePayment } from '#core/payments/disputes/freeze-payment.ts'
import { isDisputeOver, isNewsOfDispute, judgeDispute } from '#core/payments/disputes/judge-dispute.ts'
import { tellOfDispute } from '#core/payments/disputes/notices-of-disputes.ts'
import { type LockedPayment, lockPayment } from '#core/payments/refunds/payment-shares.ts'
import type { RailDispute, TakenMoney } from '#core/rails/books-rail.ts'
import { lockPlan } from '#core/recharge/lock-plan.ts'
import { switchOffRecharge } from '#core/recharge/switch-off-recharge.ts'
import { holdTierRules } from '#core/users/tier-rules.ts'
import type { Dispute, Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

/** How one dispute moved on: what we knew (null when it is new) and what we know now. */
export interface DisputeStep {
  before: Dispute | null
  dispute: Dispute
}

interface Given {
  paymentId: string
  money: TakenMoney
  now: Date
}

/**
 * Keeps what the rail says about the disputes of one payment, and turns the user's auto-recharge off at the first of
 * them that takes money. Answers with what is left to do, each to be called in its place between the reversals.
 */
export async function applyDisputes(tx: Tx, { paymentId, money, now }: Given) {
  const steps: DisputeStep[] = []
  for (const dispute of money.disputes) {
    const step = await keepDispute(tx, paymentId, dispute, now)
    if (step) steps.push(step)
  }
  const entered = (stage: string) =>
    steps.filter(({ before, dispute }) => stageOf(dispute) === stage && stageOf(before) !== stage)
  const opened = entered('open')
  const [lost, won] = [entered('lost'), entered('won')]
  if (opened.length + lost.length > 0) await stopRecharge(tx, paymentId)
  const frozenOf = new Map<string, Awaited<ReturnType<typeof freezePayment>>>()

  return {
    lost: lost.length > 0,
    won: won.length > 0,
    /** Gives back what open disputes froze; for the lost ones the reversal takes it in the same transaction. */
    async unfreezeDecided() {
      for (const { before, dispute } of [...lost, ...won]) {
        if (before === null || stageOf(before) !== 'open') continue
        await unfreezePayment(tx, {
          payment: await lock(tx, paymentId),
          dispute: before,
          isWon: stageOf(dispute) === 'won',
        })
      }
    },
    async freezeOpened() {
      for (const { dispute } of opened) {
        frozenOf.set(dispute.id, await freezePayment(tx, { payment: await lock(tx, paymentId), dispute }))
      }
    },
    async tell() {
      if (steps.length === 0) return
      const payment = await lock(tx, paymentId)
      for (const step of steps) {
        await tellOfDispute(tx, { ...step, payment, frozen: frozenOf.get(step.dispute.id) ?? null })
      }
    },
  }
}

const lock = (tx: Tx, paymentId: string): Promise<LockedPayment> => lockPayment(tx, { paymentId })
const stageOf = (dispute: Dispute | null) => (dispute ? judgeDispute(dispute.status) : null)

/** Null when it says nothing new. The payment is locked, so nobody writes this row between reading and writing. */
async function keepDispute(tx: Tx, paymentId: string, told: RailDispute, now: Date): Promise<DisputeStep | null> {
  const { id, amountMinor, currency, status, reason, evidenceDueAt, openedAt } = told
  const before = await tx.dispute.findUnique({ where: { id } })
  if (before && !isNewsOfDispute(before.status, status)) return null
  const closedAt = isDisputeOver(status) ? now : null
  const facts = { amountMinor, currency, status, reason, closedAt }
  const dispute = before
    ? // Once it is decided nothing is due any more, but the date stays of interest.
      await tx.dispute.update({
        where: { id },
        data: { ...facts, evidenceDueAt: evidenceDueAt ?? before.evidenceDueAt },
      })
    : await tx.dispute.create({ data: { id, paymentId, openedAt, evidenceDueAt, ...facts } })
  return { before, dispute }
}

/** Locks in the order of whoever charges saved cards: the plan, the rules of tiers, the user, the account. */
async function stopRecharge(tx: Tx, paymentId: string): Promise<void> {
  const { userId } = await lock(tx, paymentId)
  if (userId === null) return
  await lockPlan(tx, { userId })
  await holdTierRules(tx)
  await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${userId} FOR NO KEY UPDATE`
  await switchOffRecharge(tx, { userId, reason: 'dispute' })
}
