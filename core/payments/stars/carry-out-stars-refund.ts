import {
  type CarriedOutRefund,
  getRefundRequest,
  type OpenRefund,
  refuseRefundRequest,
} from '#core/payments/refunds/refund-requests.ts'
import { settleStarsRefund } from '#core/payments/stars/settle-stars-refund.ts'
import { RailUnavailableError } from '#core/rails/payment-rail.ts'
import type { StarsRail } from '#core/rails/stars/stars-rail.ts'
import type { PrismaClient } from '#prisma'

/** Telegram's clock and ours may differ. */
const CLOCKS_DIFFER_MS = 10 * 60_000

/**
 * Asks Telegram for a refund that was written down, and books what came of it. Safe to repeat at any moment and by
 * anybody: Telegram gives the Stars of a payment back once, and its own list tells whether it did.
 */
export async function carryOutStarsRefund(
  db: PrismaClient,
  rail: StarsRail,
  { requestId, now }: { requestId: string; now: Date },
): Promise<CarriedOutRefund> {
  const { request, ended } = await getRefundRequest(db, { requestId })
  if (ended) return ended
  const { starsChargeId: chargeId, userId } = request.payment
  if (chargeId === null || userId === null) throw new Error(`Request ${requestId} is for no payment in Stars`)
  const outcome = await ask(rail, request, { chargeId, userId })
  if (outcome.status === 'made') await settleStarsRefund(db, { chargeId, now })
  if (outcome.status === 'refused') {
    const said = { by: 'Telegram', of: `${request.amountMinor} Stars` }
    await refuseRefundRequest(db, { request, reason: outcome.reason, said, now })
  }
  return outcome
}

async function ask(
  rail: StarsRail,
  request: OpenRefund,
  payment: { chargeId: string; userId: bigint },
): Promise<CarriedOutRefund> {
  try {
    const outcome = await rail.refund(payment)
    return outcome.status === 'refused' ? outcome : { status: 'made' }
  } catch (error) {
    if (!(error instanceof RailUnavailableError)) throw error
    return (await isGivenBack(rail, request, payment.chargeId)) ? { status: 'made' } : { status: 'unknown' }
  }
}

/** Whether Telegram's list has the refund. When it cannot be read either, the next attempt will know. */
async function isGivenBack(rail: StarsRail, { createdAt }: OpenRefund, chargeId: string): Promise<boolean> {
  try {
    const since = new Date(createdAt.getTime() - CLOCKS_DIFFER_MS)
    for await (const moved of rail.listTransactionsSince(since)) {
      if (moved.direction === 'out' && moved.chargeId === chargeId) return true
    }
    return false
  } catch (error) {
    if (!(error instanceof RailUnavailableError)) throw error
    return false
  }
}
