import { formatMoney } from '#core/money/format-money.ts'
import { applyMoney } from '#core/payments/refunds/apply-money.ts'
import {
  type CarriedOutRefund,
  getRefundRequest,
  type OpenRefund,
  refuseRefundRequest,
} from '#core/payments/refunds/refund-requests.ts'
import { settleInTurn } from '#core/payments/settle-in-turn.ts'
import { type PaymentRail, RailUnavailableError } from '#core/rails/payment-rail.ts'
import type { PrismaClient } from '#prisma'

/**
 * Asks the rail for a refund that was written down, and books what came of it. Safe to repeat at any moment and by
 * anybody: the rail knows the request by its idempotency key, and what it has is read from it and not remembered.
 */
export async function carryOutRefund(
  db: PrismaClient,
  rail: PaymentRail,
  { requestId, now }: { requestId: string; now: Date },
): Promise<CarriedOutRefund> {
  const { request, ended } = await getRefundRequest(db, { requestId })
  if (ended) return ended
  try {
    if (await isAtRail(db, rail, { request, now })) return { status: 'made' }
    return await ask(db, rail, { request, now })
  } catch (error) {
    if (!(error instanceof RailUnavailableError)) throw error
    return { status: 'unknown' }
  }
}

interface Step {
  request: OpenRefund
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
    case 'refused': {
      const of = formatMoney({ amountMinor, currency: payment.currency })
      await refuseRefundRequest(db, { request, reason: outcome.reason, said: { by: 'Stripe', of }, now })
      return { status: 'refused', reason: outcome.reason }
    }
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
  await settleInTurn(db, (tx) => applyMoney(tx, { money, now }))
  return true
}
