import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { applyMoney } from '#core/payments/apply-money.ts'
import { settlingTransaction } from '#core/payments/settle-checkout-session.ts'
import { type PaymentRail, RailUnavailableError } from '#core/rails/payment-rail.ts'
import { reopenCase } from '#core/support/reopen-case.ts'
import type { Payment, PrismaClient, RefundRequest } from '#prisma'

type Request = RefundRequest & { payment: Payment }

export type CarriedOutRefund =
  /** The rail has it, and our books follow it. */
  | { status: 'made' }
  | { status: 'refused'; reason: string }
  /** The rail gave no usable answer; it is asked again until it does. */
  | { status: 'unknown' }

/**
 * Asks the rail for a refund that was written down, and books what came of it. Safe to repeat at any moment and by
 * anybody: the rail knows the request by its idempotency key, and what it has is read from it and not remembered.
 */
export async function carryOutRefund(
  db: PrismaClient,
  rail: PaymentRail,
  { requestId, now }: { requestId: string; now: Date },
): Promise<CarriedOutRefund> {
  const request = await db.refundRequest.findUniqueOrThrow({ where: { id: requestId }, include: { payment: true } })
  if (request.state === 'made') return { status: 'made' }
  if (request.state === 'refused') return { status: 'refused', reason: request.problem ?? '' }
  try {
    if (await isAtRail(db, rail, { request, now })) return { status: 'made' }
    return await ask(db, rail, { request, now })
  } catch (error) {
    if (!(error instanceof RailUnavailableError)) throw error
    return { status: 'unknown' }
  }
}

interface Step {
  request: Request
  now: Date
}

async function ask(db: PrismaClient, rail: PaymentRail, { request, now }: Step): Promise<CarriedOutRefund> {
  const { id, attempt, amountMinor, payment } = request
  const { paymentIntentId, chargeId } = payment
  const outcome = await rail.books.refund({ requestId: id, attempt, amountMinor, paymentIntentId, chargeId })
  switch (outcome.status) {
    case 'made':
      return (await isAtRail(db, rail, { request, now })) ? { status: 'made' } : { status: 'unknown' }
    case 'attempt_spent':
      // Whether it came to be shows in a later look, which comes before the next try.
      await db.refundRequest.updateMany({ where: { id, attempt }, data: { attempt: attempt + 1 } })
      return { status: 'unknown' }
    case 'refused':
      return refuse(db, request, outcome.reason, now)
  }
}

/** Books what the rail has of this payment; true when our refund is among it. */
async function isAtRail(db: PrismaClient, rail: PaymentRail, { request, now }: Step): Promise<boolean> {
  const { paymentIntentId, chargeId } = request.payment
  if (paymentIntentId === null && chargeId === null) return false
  const money = await rail.books.findMoney(
    chargeId === null ? { paymentIntentId: paymentIntentId ?? '' } : { chargeId },
  )
  if (!money?.refunds.some(({ requestId }) => requestId === request.id)) return false
  await db.$transaction((tx) => applyMoney(tx, { money, now }), settlingTransaction)
  return true
}

async function refuse(db: PrismaClient, request: Request, reason: string, now: Date): Promise<CarriedOutRefund> {
  const { id, caseId, amountMinor, payment } = request
  await db.$transaction(async (tx) => {
    const { count } = await tx.refundRequest.updateMany({
      where: { id, state: 'asked' },
      data: { state: 'refused', problem: reason, endedAt: now },
    })
    if (count === 0) return
    if (caseId !== null) await reopenCase(tx, { caseId })
    const money = formatMoney({ amountMinor, currency: payment.currency })
    await raiseAlert(tx, {
      key: `refund-refused:${id}`,
      severity: 'warning',
      title: `A refund of ${money} was refused`,
      detail: `Stripe says about the payment of user ${payment.userId ?? 'unknown'}: ${reason}`,
    })
  })
  return { status: 'refused', reason }
}
