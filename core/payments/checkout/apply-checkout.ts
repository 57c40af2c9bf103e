import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { claimContent } from '#core/content/claim-content.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { findNamedOrder } from '#core/payments/checkout/find-named-order.ts'
import { grantOrder } from '#core/payments/checkout/grant-order.ts'
import { findMismatch } from '#core/payments/checkout/judge-checkout.ts'
import { quarantineOrder, winOrder } from '#core/payments/checkout/win-order.ts'
import { recordPayment } from '#core/payments/record-payment.ts'
import type { Checkout, PaymentRail } from '#core/rails/payment-rail.ts'
import type { Order, PaymentState, Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

export type Settled =
  | { status: 'granted'; orderId: string }
  /** This checkout's money was dealt with before. */
  | { status: 'settled_before'; state: PaymentState }
  /** The money is there but does not fit; nothing was given, the team was told. */
  | { status: 'quarantined'; problem: string }
  /** No money (yet). `ended`: none will come from this checkout. */
  | { status: 'not_paid'; payment: Checkout['payment']; ended: boolean }
  /** Not made by us: somebody else sells through the same account. */
  | { status: 'foreign' }

/**
 * Brings our books in line with what the rail says about one checkout, inside the caller's transaction.
 * Money is granted once per checkout (unique payment row) and once per order (its state moves by compare-and-set),
 * whoever calls, however often and at once. Money that does not fit its order is kept apart and reported.
 */
export async function applyCheckout(
  tx: Tx,
  { checkout, rail, now }: { checkout: Checkout; rail: Pick<PaymentRail, 'livemode'>; now: Date },
): Promise<Settled> {
  if (checkout.orderId === null) return { status: 'foreign' }
  const order = await findNamedOrder(tx, checkout.orderId)
  if (checkout.payment !== 'paid' && checkout.payment !== 'nothing_due') return leaveUnpaid(tx, checkout, order)

  const mismatch = order ? findMismatch(order, checkout, rail) : 'It names an order that does not exist.'
  const paymentId = await recordPayment(tx, {
    rail: 'stripe',
    orderId: order?.id ?? null,
    userId: order?.userId ?? null,
    sessionId: checkout.id,
    paymentIntentId: checkout.paymentId,
    customerId: checkout.customerId,
    amountMinor: checkout.amountMinor ?? 0,
    currency: checkout.currency ?? '',
    livemode: checkout.livemode,
    problem: mismatch,
  })
  if (paymentId === null) return settledBefore(tx, checkout)
  const problem = mismatch ?? (order && (await claimContent(tx, { order, now })))
  if (!order || problem !== null) return quarantine(tx, checkout, order, problem ?? '')

  if (!(await winOrder(tx, { orderId: order.id, now }))) {
    return quarantine(tx, checkout, null, 'Its order was dealt with by another payment.')
  }
  await grantOrder(tx, { order, paymentId, now })
  return { status: 'granted', orderId: order.id }
}

/** Frees the order from a checkout that can no longer be paid, so that the pay link opens a new one. */
async function leaveUnpaid(tx: Tx, checkout: Checkout, order: Order | null): Promise<Settled> {
  const ended = checkout.status === 'expired' || checkout.payment === 'failed'
  if (ended && order) {
    await tx.order.updateMany({
      where: { id: order.id, checkoutSessionId: checkout.id },
      data: { checkoutSessionId: null },
    })
  }
  return { status: 'not_paid', payment: checkout.payment, ended }
}

async function settledBefore(tx: Tx, { id, paymentId }: Checkout): Promise<Settled> {
  const payment = await tx.payment.findFirstOrThrow({
    where: { OR: [{ sessionId: id }, ...(paymentId ? [{ paymentIntentId: paymentId }] : [])] },
    select: { state: true },
  })
  return { status: 'settled_before', state: payment.state }
}

async function quarantine(tx: Tx, checkout: Checkout, order: Order | null, problem: string): Promise<Settled> {
  await tx.payment.update({ where: { sessionId: checkout.id }, data: { state: 'quarantined', problem } })
  // Only the order's own checkout may take the order out of sale; a stranger that names it may not.
  if (order) await quarantineOrder(tx, { orderId: order.id, checkoutSessionId: checkout.id })
  const { amountMinor, currency } = checkout
  const amount = amountMinor === null || currency === null ? 'Money' : formatMoney({ amountMinor, currency })
  await raiseAlert(tx, {
    key: `payment-quarantined:${checkout.id}`,
    severity: 'urgent',
    title: 'A payment was not granted',
    detail: `${amount} arrived by checkout ${checkout.id}, but nothing was given for it. ${problem} Look at it in Stripe, then refund it or make a gift.`,
  })
  return { status: 'quarantined', problem }
}
