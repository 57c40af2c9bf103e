import { assertNever } from '#core/assert-never.ts'
import { type Movement, postEntry } from '#core/ledger/post-entry.ts'
import { notify } from '#core/live/notify.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { rewardReferral } from '#core/promotions/reward-referral.ts'
import { loadSettings } from '#core/settings/load-settings.ts'
import type { RailInvoice } from '#core/subscriptions/subscription-rail.ts'
import { countPurchase } from '#core/users/count-purchase.ts'
import type { Order, Prisma, Subscription } from '#prisma'

type Tx = Prisma.TransactionClient

/**
 * How much longer than its period access lasts. The rail takes a renewal's money an hour after the period's end, and
 * nobody shall be charged by the message in between.
 */
const ACCESS_GRACE_MS = 3 * 3_600_000

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
  // The user's row is locked before the account, as everywhere.
  const buyer = await countPurchase(tx, { userId, amountMinor: order.priceMinor })
  if (buyer.isFirst) {
    const { referralCredits } = (await loadSettings(tx)).settings
    await rewardReferral(tx, { userId, rewards: referralCredits })
  }
  const common = { userId, ref, actor: 'stripe', reason: label }
  let after = await post(tx, { ...common, kind: 'purchase', contra: 'sales', ...bought })
  if (bonus > 0) after = await post(tx, { ...common, kind: 'bonus', contra: 'promotions', bonusDelta: bonus })
  await tx.payment.update({
    where: { id: paymentId },
    data: {
      orderId: isFirst ? order.id : null,
      grantedPaid: bought.paidDelta ?? 0,
      grantedBonus: bonus,
      grantedSeconds: bought.passSeconds ?? 0,
    },
  })
  const what = order.gives === 'access' ? 'access' : 'credits'
  const text = isFirst ? `sub-begun-${what}` : `sub-renewed-${what}`
  // Milliseconds since the epoch: the text decides how a moment is written in the reader's language.
  const until = row.currentPeriodEnd?.getTime() ?? 0
  const args = { label, credits: order.amount, bonus, balance: after.balance, until }
  await enqueueNotice(tx, { userId, text, args, buttons: 'subscription' })
  await notify(tx, 'live')
}

function whatIsBought(order: Order, invoice: RailInvoice): Pick<Movement, 'paidDelta' | 'passSeconds'> {
  switch (order.gives) {
    case 'credits':
      return { paidDelta: order.amount }
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

async function post(tx: Tx, movement: Movement) {
  const posted = await postEntry(tx, movement)
  if (posted.status === 'duplicate') throw new Error(`${movement.kind} of ${movement.ref} is in the ledger already`)
  return posted
}
