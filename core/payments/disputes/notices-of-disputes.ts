import { raiseAlert, resolveAlert } from '#core/alerts/raise-alert.ts'
import { tellTeam } from '#core/alerts/tell-team.ts'
import { assertNever } from '#core/assert-never.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import type { DisputeStep } from '#core/payments/disputes/apply-disputes.ts'
import { isDisputeOver, judgeDispute } from '#core/payments/disputes/judge-dispute.ts'
import { labelOf } from '#core/payments/refunds/notices-of-refunds.ts'
import type { LockedPayment } from '#core/payments/refunds/payment-shares.ts'
import type { Dispute, Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

interface Told extends DisputeStep {
  payment: LockedPayment
  /** What was frozen just now; null when nothing was. */
  frozen: Pick<Dispute, 'frozenPaid' | 'frozenBonus' | 'frozenSeconds'> | null
}

/** Tells the team when a dispute opens and closes, and the user when something of theirs is frozen or free again. */
export async function tellOfDispute(tx: Tx, { before, dispute, payment, frozen }: Told): Promise<void> {
  const stage = judgeDispute(dispute.status)
  const isOver = isDisputeOver(dispute.status)
  const wasOpen = before !== null && !isDisputeOver(before.status)
  if (isOver) await tellClosed(tx, { dispute, payment })
  else if (!wasOpen || (judgeDispute(before.status) === 'inquiry' && stage === 'open')) {
    await tellOpened(tx, { dispute, payment })
  }
  if (frozen) await tellFrozen(tx, payment, frozen)
  if (before && judgeDispute(before.status) === 'open' && stage === 'won') await tellFreed(tx, payment, before)
}

const alertKey = ({ id }: Dispute) => `dispute:${id}`

async function tellOpened(tx: Tx, { dispute, payment }: Pick<Told, 'dispute' | 'payment'>): Promise<void> {
  const isInquiry = judgeDispute(dispute.status) === 'inquiry'
  await raiseAlert(tx, {
    key: alertKey(dispute),
    severity: 'urgent',
    title: isInquiry ? `A bank asks about ${moneyOf(dispute)}` : `A payment of ${moneyOf(dispute)} is disputed`,
    detail: [
      ...whatAndWho(dispute, payment),
      dueLine(dispute),
      isInquiry
        ? 'No money has moved, and nothing was taken from the user. Answering, or refunding, may spare you a dispute.'
        : 'What it granted is frozen as far as it is left, and auto-recharge is off.',
      linkOf(payment),
    ].join('\n'),
  })
}

async function tellClosed(tx: Tx, { dispute, payment }: Pick<Told, 'dispute' | 'payment'>): Promise<void> {
  await resolveAlert(tx, { key: alertKey(dispute) })
  const lines = whatAndWho(dispute, payment)
  await tellTeam(tx, {
    severity: 'warning',
    title: closedTitle(dispute),
    detail: [...lines, closedMeaning(dispute), linkOf(payment)].join('\n'),
  })
}

function closedTitle(dispute: Dispute): string {
  const stage = judgeDispute(dispute.status)
  switch (stage) {
    case 'won':
      return `The dispute about ${moneyOf(dispute)} is won`
    case 'lost':
      return `The dispute about ${moneyOf(dispute)} is lost`
    case 'inquiry':
    case 'open':
      return `The bank's question about ${moneyOf(dispute)} is closed`
    default:
      return assertNever(stage)
  }
}

function closedMeaning({ status }: Dispute): string {
  switch (judgeDispute(status)) {
    case 'won':
      return 'The money is yours again, and the user has back what was frozen. Auto-recharge stays off.'
    case 'lost':
      return 'The money is gone. What it granted was taken back; credits that were spent are owed.'
    default:
      return 'No money has moved.'
  }
}

function whatAndWho({ reason }: Dispute, payment: LockedPayment): string[] {
  const whole = formatMoney({ amountMinor: payment.amountMinor, currency: payment.currency })
  return [
    `${labelOf(payment)}, paid with ${whole} by user ${payment.userId ?? 'unknown'}.`,
    `The bank's reason: ${reason ?? 'none'}.`,
  ]
}

function dueLine({ evidenceDueAt }: Dispute): string {
  if (!evidenceDueAt) return 'No answer is due.'
  return `An answer is due by ${evidenceDueAt.toISOString().slice(0, 16).replace('T', ' ')} UTC.`
}

function linkOf({ livemode, paymentIntentId, chargeId }: LockedPayment): string {
  return `https://dashboard.stripe.com/${livemode ? '' : 'test/'}payments/${paymentIntentId ?? chargeId ?? ''}`
}

const moneyOf = ({ amountMinor, currency }: Dispute) => formatMoney({ amountMinor, currency })

async function tellFrozen(tx: Tx, payment: LockedPayment, frozen: NonNullable<Told['frozen']>): Promise<void> {
  const credits = frozen.frozenPaid + frozen.frozenBonus
  if (payment.userId === null || credits + frozen.frozenSeconds === 0) return
  const args = { label: labelOf(payment), credits, seconds: frozen.frozenSeconds }
  await enqueueNotice(tx, { userId: payment.userId, text: 'dispute-frozen', args })
}

async function tellFreed(tx: Tx, payment: LockedPayment, before: Dispute): Promise<void> {
  const credits = before.frozenPaid + before.frozenBonus
  if (payment.userId === null || credits + before.frozenSeconds === 0) return
  const args = { label: labelOf(payment), credits, seconds: before.frozenSeconds }
  await enqueueNotice(tx, { userId: payment.userId, text: 'dispute-freed', args })
}
