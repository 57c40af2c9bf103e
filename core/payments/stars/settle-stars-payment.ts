import { claimContent } from '#core/content/claim-content.ts'
import { grantOrder } from '#core/payments/checkout/grant-order.ts'
import { winOrder } from '#core/payments/checkout/win-order.ts'
import { recordPayment } from '#core/payments/record-payment.ts'
import { settleInTurn } from '#core/payments/settle-in-turn.ts'
import { grantStarsMonth } from '#core/payments/stars/grant-stars-month.ts'
import { quarantineStars } from '#core/payments/stars/quarantine-stars.ts'
import { readStarsPayload } from '#core/payments/stars/stars-payload.ts'
import { STARS_CURRENCY, type StarsPayment } from '#core/rails/stars/stars-rail.ts'
import type { Order, PaymentState, Prisma, PrismaClient } from '#prisma'

type Tx = Prisma.TransactionClient

export type StarsSettled =
  | { status: 'granted'; orderId: string }
  /** This payment was dealt with before. */
  | { status: 'settled_before'; state: PaymentState }
  /** The Stars are there but do not fit; nothing was given, the team was told. */
  | { status: 'quarantined'; problem: string }

/**
 * Grants what Stars were paid for, once per payment however often and by whomever it is reported, and once per order
 * apart from the further months of a subscription. Stars that do not fit their order are kept apart and reported.
 * The payer must be registered. Source: https://core.telegram.org/bots/api#successfulpayment
 */
export async function settleStarsPayment(
  db: PrismaClient,
  { payment, now }: { payment: StarsPayment; now: Date },
): Promise<StarsSettled> {
  return settleInTurn(db, (tx) => applyStarsPayment(tx, payment, now))
}

async function applyStarsPayment(tx: Tx, payment: StarsPayment, now: Date): Promise<StarsSettled> {
  const orderId = readStarsPayload(payment.payload)
  const order = orderId === null ? null : await tx.order.findUnique({ where: { id: orderId } })
  const paymentId = await record(tx, payment, order)
  if (paymentId === null) return settledBefore(tx, payment)
  const mismatch = order ? findStarsMismatch(order, payment) : 'It names no order of ours.'
  const problem = mismatch ?? (order && (await claimContent(tx, { order, now })))
  if (!order || problem !== null) return quarantineStars(tx, { payment, order, problem: problem ?? '' })

  const isFirst = await winOrder(tx, { orderId: order.id, rail: 'stars', now })
  if (payment.monthEndsAt !== null) {
    const month = { order, paymentId, payment, monthEndsAt: payment.monthEndsAt, isFirst, now }
    if (await grantStarsMonth(tx, month)) return { status: 'granted', orderId: order.id }
  } else if (isFirst) {
    await grantOrder(tx, { order: { ...order, rail: 'stars' }, paymentId, now })
    return { status: 'granted', orderId: order.id }
  }
  return quarantineStars(tx, { payment, order: null, problem: 'Its order was dealt with by another payment.' })
}

/** Null when this payment has a row already; a concurrent one is waited for. */
function record(tx: Tx, { chargeId, userId, amountStars, currency }: StarsPayment, order: Order | null) {
  return recordPayment(tx, {
    rail: 'stars',
    orderId: order?.id ?? null,
    userId,
    starsChargeId: chargeId,
    amountMinor: amountStars,
    currency: currency.toLowerCase() || STARS_CURRENCY,
    livemode: true,
    problem: null,
  })
}

async function settledBefore(tx: Tx, { chargeId }: StarsPayment): Promise<StarsSettled> {
  const { state } = await tx.payment.findUniqueOrThrow({ where: { starsChargeId: chargeId }, select: { state: true } })
  return { status: 'settled_before', state }
}

/** Why a payment does not belong to the order it names, in words for the team; null when everything agrees. */
function findStarsMismatch(order: Order, payment: StarsPayment): string | null {
  if (payment.currency !== 'XTR') return `Its currency is ${payment.currency}, not Stars.`
  if (payment.userId !== order.userId) return `User ${payment.userId} paid for the order of user ${order.userId}.`
  if (payment.amountStars !== order.priceStars) {
    return `It is ${payment.amountStars} Stars, the order costs ${order.priceStars ?? 'no Stars at all'}.`
  }
  const isMonthly = order.kind === 'subscription'
  if (isMonthly !== (payment.monthEndsAt !== null)) {
    return isMonthly ? 'It is no subscription, the order is one.' : 'It is a subscription, the order is none.'
  }
  return null
}
