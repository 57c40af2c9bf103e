import { type Movement, postEntry } from '#core/ledger/post-entry.ts'
import { notify } from '#core/live/notify.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { rewardReferral } from '#core/promotions/reward-referral.ts'
import { STARS_CURRENCY, STARS_MONTH_SECONDS, type StarsPayment } from '#core/rails/stars/stars-rail.ts'
import { loadSettings } from '#core/settings/load-settings.ts'
import { countPurchase } from '#core/users/count-purchase.ts'
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
  // The user's row is locked before the account, as everywhere.
  const buyer = await countPurchase(tx, { userId: order.userId, amountMinor: order.priceMinor })
  if (buyer.isFirst) {
    const { referralCredits } = (await loadSettings(tx)).settings
    await rewardReferral(tx, { userId: order.userId, rewards: referralCredits })
  }
  const common = { userId: order.userId, ref, actor: 'stars', reason: order.label }
  let after = await post(tx, { ...common, kind: 'purchase', contra: 'sales', ...bought })
  if (order.bonus > 0) {
    after = await post(tx, { ...common, kind: 'bonus', contra: 'promotions', bonusDelta: order.bonus })
  }
  await tx.payment.update({
    where: { id: paymentId },
    data: {
      subscriptionId: starsSubscriptionId(order.id),
      // An order is granted by one payment; the further months belong to the subscription alone.
      orderId: isFirst ? order.id : null,
      grantedPaid: bought.paidDelta ?? 0,
      grantedBonus: order.bonus,
      grantedSeconds: bought.passSeconds ?? 0,
    },
  })
  await owesNotice(tx, month, after)
  await notify(tx, 'live')
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

function whatAMonthBrings(order: Order, isFirst: boolean): Pick<Movement, 'paidDelta' | 'passSeconds'> {
  if (order.gives === 'credits') return { paidDelta: order.amount }
  if (order.gives === 'access') return { passSeconds: STARS_MONTH_SECONDS + (isFirst ? GRACE_SECONDS : 0) }
  throw new Error(`Order ${order.id} is a subscription that gives nothing`)
}

async function post(tx: Tx, movement: Movement) {
  const posted = await postEntry(tx, movement)
  if (posted.status === 'duplicate') throw new Error(`${movement.kind} of ${movement.ref} is in the ledger already`)
  return posted
}

async function owesNotice(tx: Tx, { order, monthEndsAt }: Month, after: { balance: number; passUntil: Date | null }) {
  const { userId, label, amount, bonus } = order
  if (order.gives === 'access') {
    const until = (after.passUntil ?? monthEndsAt).getTime()
    await enqueueNotice(tx, { userId, text: 'stars-month-access', args: { label, until } })
    return
  }
  const args = { label, credits: amount, bonus, balance: after.balance, until: monthEndsAt.getTime() }
  await enqueueNotice(tx, { userId, text: 'stars-month-credits', args })
}
