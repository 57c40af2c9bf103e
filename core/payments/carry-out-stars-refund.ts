import { raiseAlert } from '#core/alerts/raise-alert.ts'
import type { CarriedOutRefund } from '#core/payments/carry-out-refund.ts'
import { settleStarsRefund } from '#core/payments/settle-stars-refund.ts'
import { RailUnavailableError } from '#core/rails/payment-rail.ts'
import type { StarsRail } from '#core/rails/stars/stars-rail.ts'
import { reopenCase } from '#core/support/reopen-case.ts'
import type { Payment, PrismaClient, RefundRequest } from '#prisma'

/** Telegram's clock and ours may differ. */
const CLOCKS_DIFFER_MS = 10 * 60_000

type Request = RefundRequest & { payment: Payment }

/**
 * Asks Telegram for a refund that was written down, and books what came of it. Safe to repeat at any moment and by
 * anybody: Telegram gives the Stars of a payment back once, and its own list tells whether it did.
 */
export async function carryOutStarsRefund(
  db: PrismaClient,
  rail: StarsRail,
  { requestId, now }: { requestId: string; now: Date },
): Promise<CarriedOutRefund> {
  const request = await db.refundRequest.findUniqueOrThrow({ where: { id: requestId }, include: { payment: true } })
  if (request.state === 'made') return { status: 'made' }
  if (request.state === 'refused') return { status: 'refused', reason: request.problem ?? '' }
  const { starsChargeId: chargeId, userId } = request.payment
  if (chargeId === null || userId === null) throw new Error(`Request ${requestId} is for no payment in Stars`)
  const outcome = await ask(rail, request, { chargeId, userId })
  if (outcome.status === 'made') await settleStarsRefund(db, { chargeId, now })
  if (outcome.status === 'refused') await refuse(db, request, outcome.reason, now)
  return outcome
}

async function ask(
  rail: StarsRail,
  request: Request,
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
async function isGivenBack(rail: StarsRail, { createdAt }: Request, chargeId: string): Promise<boolean> {
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

async function refuse(db: PrismaClient, request: Request, reason: string, now: Date): Promise<void> {
  const { id, caseId, amountMinor, payment } = request
  await db.$transaction(async (tx) => {
    const { count } = await tx.refundRequest.updateMany({
      where: { id, state: 'asked' },
      data: { state: 'refused', problem: reason, endedAt: now },
    })
    if (count === 0) return
    if (caseId !== null) await reopenCase(tx, { caseId })
    await raiseAlert(tx, {
      key: `refund-refused:${id}`,
      severity: 'warning',
      title: `A refund of ${amountMinor} Stars was refused`,
      detail: `Telegram says about the payment of user ${payment.userId ?? 'unknown'}: ${reason}`,
    })
  })
}
