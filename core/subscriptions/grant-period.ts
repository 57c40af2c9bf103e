import { assertNever } from '#core/assert-never.ts'
import { HOUR_MS } from '#core/durations.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { bookPurchase, type Purchase } from '#core/payments/checkout/book-purchase.ts'
import type { RailInvoice } from '#core/subscriptions/subscription-rail.ts'
import type { Order, Prisma, Subscription } from '#prisma'

type Tx = Prisma.TransactionClient

/**
 * How much longer than its period access lasts. The rail takes a renewal's money an hour after the period's end, and
 * nobody shall be charged by the message in between.
 */
const ACCESS_GRACE_MS = 3 * HOUR_MS

interface Period {
  order: Order
  row: Subscription
  invoice: RailInvoice
  paymentId: string
  /** This period has just won the order. */
  isFirst: boolean
}

/**
 * Gives what one paid period brings and owes the notice. The caller has just recorded the payment; should the ledger
 * know the period already, something is badly wrong, and everything is rolled back by an error.
 */
export async function grantPeriod(tx: Tx, { order, row, invoice, paymentId, isFirst }: Period): Promise<void> {
  const { userId, label, bonus } = order
  // An order is granted by one payment; the further periods belong to the subscription alone.
  const ref = isFirst ? `order:${order.id}` : `invoice:${invoice.id}`
  const bought = whatIsBought(order, invoice)
  if (isFirst) await tx.payment.updateMany({ where: { id: paymentId }, data: { orderId: order.id } })
  const { balance } = await bookPurchase(tx, {
    userId,
    ref,
    rail: 'stripe',
    label,
    amountMinor: order.priceMinor,
    ...bought,
    bonus,
    isLoyal: false,
    paymentId,
  })
  const what = order.gives === 'access' ? 'access' : 'credits'
  const text = isFirst ? `sub-begun-${what}` : `sub-renewed-${what}`
  // Milliseconds since the epoch: the text decides how a moment is written in the reader's language.
  const until = row.currentPeriodEnd?.getTime() ?? 0
  const args = { label, credits: order.amount, bonus, balance, until }
  await enqueueNotice(tx, { userId, text, args, buttons: 'subscription' })
}

function whatIsBought(order: Order, invoice: RailInvoice): Pick<Purchase, 'paid' | 'passSeconds'> {
  switch (order.gives) {
    case 'credits':
      return { paid: order.amount }
    case 'access':
      return { passSeconds: accessSeconds(invoice) }
    case null:
      throw new Error(`Order ${order.id} is a subscription that gives nothing`)
    default:
      return assertNever(order.gives)
  }
}

/**
 * The time that a paid period adds to the pass, from when it was paid (not from when we heard of it) to its end. A
 * renewal that came in time only prolongs: the grace was given with the first period.
 */
function accessSeconds({ id, reason, period, paidAt, createdAt }: RailInvoice): number {
  if (!period) throw new Error(`Invoice ${id} names no period`)
  const paidMs = (paidAt ?? createdAt).getTime()
  const fromMs = reason === 'begin' ? paidMs : Math.max(paidMs, period.startsAt.getTime() + ACCESS_GRACE_MS)
  return Math.max(0, Math.round((period.endsAt.getTime() + ACCESS_GRACE_MS - fromMs) / 1000))
}
