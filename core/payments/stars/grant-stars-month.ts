import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { type Booked, bookPurchase, type Purchase } from '#core/payments/checkout/book-purchase.ts'
import { STARS_CURRENCY, STARS_MONTH_SECONDS, type StarsPayment } from '#core/rails/stars/stars-rail.ts'
import type { Order, Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

interface Month {
  order: Order
  paymentId: string
  payment: StarsPayment
  monthEndsAt: Date
  /** This payment has just won the order. */
  isFirst: boolean
  now: Date
}

const SUBSCRIPTION_PREFIX = 'stars:'

/** A renewal may be told a little late, and nobody shall be charged by the message in between. */
const GRACE_SECONDS = 3 * 3_600

/** The name of the subscription that an order began. */
export function starsSubscriptionId(orderId: string): string {
  return `${SUBSCRIPTION_PREFIX}${orderId}`
}

/** The order that began a subscription in Stars. */
export function orderOfStarsSubscription(id: string): string {
  return id.slice(SUBSCRIPTION_PREFIX.length)
}

/**
 * Gives what one paid month of a subscription brings and owes the notice. The caller has just recorded the payment, and
 * each payment is one month. False when the order was paid in another way and there is no such subscription.
 */
export async function grantStarsMonth(tx: Tx, month: Month): Promise<boolean> {
  const { order, paymentId, payment, isFirst } = month
  if (!(await keepSubscription(tx, month))) return false
  const ref = isFirst ? `order:${order.id}` : `stars:${payment.chargeId}`
  const bought = whatAMonthBrings(order, isFirst)
  await tx.payment.updateMany({
    where: { id: paymentId },
    // An order is granted by one payment; the further months belong to the subscription alone.
    data: { subscriptionId: starsSubscriptionId(order.id), orderId: isFirst ? order.id : null },
  })
  const after = await bookPurchase(tx, {
    userId: order.userId,
    ref,
    rail: 'stars',
    label: order.label,
    amountMinor: order.priceMinor,
    ...bought,
    bonus: order.bonus,
    isLoyal: false,
    paymentId,
  })
  await owesNotice(tx, month, after)
  return true
}

/** Begins or prolongs the subscription; its end never moves back, in whatever order its months are told. */
async function keepSubscription(tx: Tx, { order, monthEndsAt, isFirst }: Month): Promise<boolean> {
  const id = starsSubscriptionId(order.id)
  if (isFirst) {
    await tx.subscription.create({
      data: {
        id,
        rail: 'stars',
        userId: order.userId,
        productId: order.productId,
        status: 'active',
        amountMinor: order.priceStars ?? 0,
        currency: STARS_CURRENCY,
        currentPeriodEnd: monthEndsAt,
      },
    })
    return true
  }
  const { count } = await tx.subscription.updateMany({ where: { id }, data: { status: 'active', endedAt: null } })
  await tx.subscription.updateMany({
    where: { id, currentPeriodEnd: { lt: monthEndsAt } },
    data: { currentPeriodEnd: monthEndsAt },
  })
  return count === 1
}

function whatAMonthBrings(order: Order, isFirst: boolean): Pick<Purchase, 'paid' | 'passSeconds'> {
  if (order.gives === 'credits') return { paid: order.amount }
  if (order.gives === 'access') return { passSeconds: STARS_MONTH_SECONDS + (isFirst ? GRACE_SECONDS : 0) }
  throw new Error(`Order ${order.id} is a subscription that gives nothing`)
}

async function owesNotice(tx: Tx, { order, monthEndsAt }: Month, after: Booked) {
  const { userId, label, amount, bonus } = order
  if (order.gives === 'access') {
    const until = (after.passUntil ?? monthEndsAt).getTime()
    await enqueueNotice(tx, { userId, text: 'stars-month-access', args: { label, until } })
    return
  }
  const args = { label, credits: amount, bonus, balance: after.balance, until: monthEndsAt.getTime() }
  await enqueueNotice(tx, { userId, text: 'stars-month-credits', args })
}
