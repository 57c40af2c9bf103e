import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { asUuid } from '#core/as-uuid.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { grantOrder } from '#core/payments/checkout/grant-order.ts'
import { winOrder } from '#core/payments/checkout/win-order.ts'
import { recordPayment } from '#core/payments/record-payment.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import type { Charge } from '#core/recharge/card-rail.ts'
import { lockPlan } from '#core/recharge/lock-plan.ts'
import type { Order, Prisma, RechargeAttempt } from '#prisma'

type Tx = Prisma.TransactionClient

export type ChargeSettled =
  | { status: 'granted' }
  /** This charge's money was dealt with before. */
  | { status: 'settled_before' }
  /** The money is there but does not fit; nothing was given, the team was told. */
  | { status: 'quarantined'; problem: string }
  /** Not made by us, or without money. */
  | { status: 'nothing_to_do' }

/**
 * Gives what a successful charge without the buyer has paid for, inside the caller's transaction: once per charge
 * (unique payment row) and once per order, whoever hears of it first, the worker or the webhook.
 */
export async function applyCharge(
  tx: Tx,
  { charge, rail, now }: { charge: Charge; rail: Pick<PaymentRail, 'livemode'>; now: Date },
): Promise<ChargeSettled> {
  if (charge.status !== 'succeeded') return { status: 'nothing_to_do' }
  const attempt = await findAttempt(tx, charge)
  if (!attempt) return { status: 'nothing_to_do' }
  await lockPlan(tx, { userId: attempt.userId })
  const order = attempt.orderId === null ? null : await tx.order.findUnique({ where: { id: attempt.orderId } })
  const problem = order ? findMismatch(order, charge, rail) : 'Its attempt has no order.'
  const { id: paymentIntentId, customerId, amountMinor, currency, livemode } = charge
  const { orderId, userId } = attempt
  const money = { orderId, userId, paymentIntentId, customerId, amountMinor, currency, livemode, problem }
  const paymentId = await recordPayment(tx, { rail: 'stripe', ...money })
  if (paymentId === null) return { status: 'settled_before' }
  if (!order || problem !== null) return quarantine(tx, charge, attempt, problem ?? '', now)
  if (!(await winOrder(tx, { orderId: order.id, now })))
    return quarantine(tx, charge, attempt, 'Its order was dealt with by another payment.', now)
  await grantOrder(tx, { order, paymentId, now, byItself: true })
  await tx.rechargeAttempt.update({
    where: { id: attempt.id },
    data: { state: 'succeeded', problem: null, endedAt: now, nextTryAt: null },
  })
  await tx.rechargePlan.updateMany({ where: { userId: attempt.userId }, data: { failures: 0 } })
  return { status: 'granted' }
}

async function findAttempt(tx: Tx, { attemptId }: Charge): Promise<RechargeAttempt | null> {
  const id = asUuid(attemptId)
  return id === null ? null : tx.rechargeAttempt.findUnique({ where: { id } })
}

function findMismatch(order: Order, charge: Charge, rail: Pick<PaymentRail, 'livemode'>): string | null {
  if (charge.livemode !== rail.livemode) return 'It is of the other mode, live or test, than the key.'
  if (charge.orderId !== order.id) return `It names order ${charge.orderId} instead of ${order.id}.`
  if (charge.currency !== order.currency)
    return `Its currency is ${charge.currency}, the order is in ${order.currency}.`
  if (charge.amountMinor !== order.priceMinor) {
    return `Its amount is ${charge.amountMinor} in minor units, the order costs ${order.priceMinor}.`
  }
  return null
}

async function quarantine(
  tx: Tx,
  charge: Charge,
  { id, userId }: RechargeAttempt,
  problem: string,
  now: Date,
): Promise<ChargeSettled> {
  await tx.payment.update({ where: { paymentIntentId: charge.id }, data: { state: 'quarantined', problem } })
  await tx.$queryRaw`SELECT 1 FROM accounts WHERE user_id = ${userId} FOR UPDATE`
  await tx.rechargeAttempt.updateMany({
    where: { id, state: 'charging' },
    data: { state: 'failed', problem: 'quarantined', endedAt: now, nextTryAt: null },
  })
  await raiseAlert(tx, {
    key: `payment-quarantined:${charge.id}`,
    severity: 'urgent',
    title: 'An automatic payment was not granted',
    detail: `${formatMoney(charge)} arrived by payment ${charge.id}, but nothing was given for it. ${problem} Look at it in Stripe, then refund it or make a gift.`,
  })
  return { status: 'quarantined', problem }
}
