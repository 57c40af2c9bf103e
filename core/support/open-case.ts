import { tellTeam } from '#core/alerts/tell-team.ts'
import { notify } from '#core/live/notify.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { loadSettings } from '#core/settings/load-settings.ts'
import { shortText } from '#core/storable-text.ts'
import { findOwnPayment, type OwnPayment } from '#core/support/list-own-payments.ts'
import { mayRefundItself } from '#core/support/may-refund-itself.ts'
import { oweCase } from '#core/support/owe-case.ts'
import { carryOutCaseRefund, type Rails, requestCaseRefund } from '#core/support/request-case-refund.ts'
import type { Prisma, PrismaClient, RefundRequest } from '#prisma'

const LONGEST_TEXT = 1_000

export type OpenedCase =
  | { status: 'opened'; caseId: string }
  /** The rules allow it, so the money goes back without anybody having to decide. */
  | { status: 'refunding'; caseId: string }
  /** This message opened a case before. */
  | { status: 'duplicate' }
  /** Another case about this payment waits for the team. */
  | { status: 'open_already' }
  | { status: 'unknown_payment' }

interface Question {
  userId: bigint
  paymentId: string
  text: string
  /** Names the message that asks, so that a repeated update asks once. */
  key: string
  now: Date
}

/**
 * Takes a user's question about one of their payments to the team: the case, the message with its buttons in the user's
 * topic, and a word to General and the owners, all or nothing. A small payment of which nothing was used is given back at
 * once, where the setting allows it.
 */
export async function openCase(db: PrismaClient, rails: Rails, question: Question): Promise<OpenedCase> {
  const { outcome, request } = await db.$transaction((tx) => open(tx, question))
  if (!request) return outcome
  // What comes of it is told by the refund itself; a rail that does not answer is asked again by the reconciler.
  const { status } = await carryOutCaseRefund(db, rails, { request, now: question.now })
  return status === 'refused' ? { status: 'opened', caseId: outcome.caseId } : outcome
}

type Opened =
  | { outcome: Extract<OpenedCase, { status: 'refunding' }>; request: RefundRequest }
  | { outcome: OpenedCase; request: null }

async function open(tx: Prisma.TransactionClient, { userId, paymentId, text, key, now }: Question): Promise<Opened> {
  // One question of a user at a time, so that the limit on automatic refunds holds.
  await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${userId} FOR NO KEY UPDATE`
  const only = (outcome: OpenedCase): Opened => ({ outcome, request: null })
  const payment = await findOwnPayment(tx, { userId, paymentId })
  if (!payment) return only({ status: 'unknown_payment' })
  const [opened] = await tx.supportCase.createManyAndReturn({
    data: { userId, paymentId, key, text: shortText(text, LONGEST_TEXT) },
    skipDuplicates: true,
    select: { id: true },
  })
  if (!opened) {
    const same = await tx.supportCase.findUnique({ where: { key }, select: { id: true } })
    return only({ status: same ? 'duplicate' : 'open_already' })
  }
  const { id: caseId } = opened
  const request = await refundItself(tx, { userId, paymentId, caseId, now })
  if (request) return { outcome: { status: 'refunding', caseId }, request }
  await tellOfCase(tx, { userId, caseId, payment, text })
  return only({ status: 'opened', caseId })
}

async function refundItself(
  tx: Prisma.TransactionClient,
  { userId, paymentId, caseId, now }: { userId: bigint; paymentId: string; caseId: string; now: Date },
): Promise<RefundRequest | null> {
  const { autoRefundBelowMinor: belowMinor } = (await loadSettings(tx)).settings
  if (!(await mayRefundItself(tx, { userId, paymentId, belowMinor, now }))) return null
  const reason = 'Small and unused, given back at once'
  const asked = await requestCaseRefund(tx, { paymentId, caseId, reason, actor: 'system' })
  if (asked.status !== 'requested') return null
  await tx.supportCase.update({
    where: { id: caseId },
    data: { state: 'accepted', decidedBy: 'system', decidedAt: now, reason },
  })
  return asked.request
}

async function tellOfCase(
  tx: Prisma.TransactionClient,
  { userId, caseId, payment, text }: { userId: bigint; caseId: string; payment: OwnPayment; text: string },
): Promise<void> {
  await oweCase(tx, { caseId, userId })
  await tellTeam(tx, {
    severity: 'warning',
    title: 'A user asks for help with a payment',
    detail: `User ${userId}, ${payment.label}, ${formatMoney(payment)}: ${shortText(text, LONGEST_TEXT)}\nDecide in the user's topic.`,
  })
  await notify(tx, 'live')
}
