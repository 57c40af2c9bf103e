import { carryOutRefund } from '#core/payments/refunds/carry-out-refund.ts'
import type { CarriedOutRefund } from '#core/payments/refunds/refund-requests.ts'
import { type RequestedRefund, requestRefund } from '#core/payments/refunds/request-refund.ts'
import { carryOutStarsRefund } from '#core/payments/stars/carry-out-stars-refund.ts'
import { requestStarsRefund } from '#core/payments/stars/refund-stars-payment.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import type { StarsRail } from '#core/rails/stars/stars-rail.ts'
import type { Prisma, PrismaClient, RefundRequest } from '#prisma'

/** Every way in which money may have to go back. */
export interface Rails {
  rail: PaymentRail
  starsRail: StarsRail
}

/** Writes down that all that is left of the payment of a case is to be given back, by whichever rail it came. */
export async function requestCaseRefund(
  tx: Prisma.TransactionClient,
  { paymentId, ...wish }: { paymentId: string; caseId: string; reason: string; actor: string },
): Promise<RequestedRefund> {
  const payment = await tx.payment.findUnique({ where: { id: paymentId }, select: { rail: true } })
  return payment?.rail === 'stars'
    ? requestStarsRefund(tx, { paymentId, ...wish })
    : requestRefund(tx, { paymentId, amountMinor: null, ...wish })
}

/** Carries it out after the commit. Safe to repeat. */
export async function carryOutCaseRefund(
  db: PrismaClient,
  { rail, starsRail }: Rails,
  { request, now }: { request: Pick<RefundRequest, 'id' | 'paymentId'>; now: Date },
): Promise<CarriedOutRefund> {
  const payment = await db.payment.findUniqueOrThrow({ where: { id: request.paymentId }, select: { rail: true } })
  return payment.rail === 'stars'
    ? carryOutStarsRefund(db, starsRail, { requestId: request.id, now })
    : carryOutRefund(db, rail, { requestId: request.id, now })
}
