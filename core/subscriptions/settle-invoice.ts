import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { quarantineOrder, winOrder } from '#core/payments/checkout/win-order.ts'
import { recordPayment } from '#core/payments/record-payment.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { grantPeriod } from '#core/subscriptions/grant-period.ts'
import type { RailInvoice, RailSubscription } from '#core/subscriptions/subscription-rail.ts'
import type { Order, Prisma, Subscription } from '#prisma'

type Tx = Prisma.TransactionClient

export interface PaidPeriod {
  subscription: RailSubscription
  invoice: RailInvoice
  /** The terms that the invoice was made under. */
  order: Order | null
  row: Subscription | null
  rail: Pick<PaymentRail, 'livemode'>
  now: Date
}

export type InvoiceSettled =
  | { status: 'granted' }
  | { status: 'settled_before' }
  /** The money is there but does not fit; nothing was given, the team was told. */
  | { status: 'quarantined'; problem: string }

/**
 * Gives what a paid invoice is for, once (unique payment row), inside the caller's transaction. What does not fit the
 * order it names is kept apart and reported.
 */
export async function settleInvoice(tx: Tx, period: PaidPeriod): Promise<InvoiceSettled> {
  const { order, row, invoice, now } = period
  const problem = findProblem(period)
  const paymentId = await record(tx, period, problem)
  if (paymentId === null) return { status: 'settled_before' }
  if (problem !== null || !order || !row) return quarantine(tx, period, problem ?? 'It belongs to nothing we sold.')
  const isFirst = await winOrder(tx, { orderId: order.id, now })
  await grantPeriod(tx, { order, row, invoice, paymentId, isFirst })
  return { status: 'granted' }
}

/** Why money does not belong to the order it names, in words for the team; null when everything agrees. */
function findProblem({ subscription, invoice, order, row, rail }: PaidPeriod): string | null {
  if (invoice.livemode !== rail.livemode || subscription.livemode !== rail.livemode) {
    return `It is a ${invoice.livemode ? 'live' : 'test'} payment, but the key is for ${rail.livemode ? 'live' : 'test'} mode.`
  }
  if (!order) return `It names order ${invoice.orderId}, which does not exist.`
  if (order.kind !== 'subscription') return 'Its order is for a one-time purchase.'
  if (!row) return 'The user has a live subscription to this product already: cancel this one in Stripe.'
  if (row.userId !== order.userId) return 'Its order belongs to another user than the subscription.'
  if (invoice.reason === 'change') return 'It pays for a change within a period, which brings nothing by itself.'
  if (invoice.currency !== order.currency) {
    return `Its currency is ${invoice.currency}, the order is in ${order.currency}.`
  }
  if (invoice.amountPaidMinor !== order.priceMinor) {
    return `Its amount is ${invoice.amountPaidMinor} ${invoice.currency} in minor units, a period costs ${order.priceMinor}.`
  }
  if (order.gives === null) return 'Its order does not say what a period brings.'
  return order.gives === 'access' && invoice.period === null ? 'It does not say which period it pays for.' : null
}

/** Null when this invoice (or its payment) has a row already; a concurrent one is waited for. */
function record(tx: Tx, { subscription, invoice, order, row }: PaidPeriod, problem: string | null) {
  return recordPayment(tx, {
    rail: 'stripe',
    orderId: null,
    // Whoever has the subscription has paid, whatever order the money names.
    userId: row?.userId ?? order?.userId ?? null,
    invoiceId: invoice.id,
    paymentIntentId: invoice.paymentId,
    subscriptionId: row?.id ?? null,
    customerId: subscription.customerId,
    amountMinor: invoice.amountPaidMinor,
    currency: invoice.currency,
    livemode: invoice.livemode,
    problem,
  })
}

async function quarantine(tx: Tx, period: PaidPeriod, problem: string): Promise<InvoiceSettled> {
  const { subscription, invoice, order, row } = period
  // A subscription that names somebody else's order must not take it out of sale.
  if (order && (!row || row.userId === order.userId)) await quarantineOrder(tx, { orderId: order.id })
  await raiseAlert(tx, {
    key: `payment-quarantined:${invoice.id}`,
    severity: 'urgent',
    title: 'A payment was not granted',
    detail: `${formatMoney({ amountMinor: invoice.amountPaidMinor, currency: invoice.currency })} arrived by invoice ${invoice.id} of subscription ${subscription.id}, but nothing was given for it. ${problem} Look at it in Stripe, then refund it or make a gift.`,
  })
  return { status: 'quarantined', problem }
}
