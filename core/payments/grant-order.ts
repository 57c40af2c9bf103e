import { assertNever } from '#core/assert-never.ts'
import { claimRight } from '#core/content/claim-right.ts'
import { oweContent } from '#core/content/owe-content.ts'
import { type Movement, postEntry } from '#core/ledger/post-entry.ts'
import { notify } from '#core/live/notify.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { loyaltyBonus } from '#core/promotions/loyalty-bonus.ts'
import { rewardReferral } from '#core/promotions/reward-referral.ts'
import { loadSettings } from '#core/settings/load-settings.ts'
import { countPurchase } from '#core/users/count-purchase.ts'
import type { Order, Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

interface Grant {
  order: Order
  /** The row of the money that paid for it; it remembers what was granted. */
  paymentId: string
  now: Date
}

/**
 * Gives the buyer what the order promises and owes them the notice. The caller has just won the order for itself;
 * should the ledger know the order already, something is badly wrong, and everything is rolled back by an error.
 * So it is when the buyer of a content has it from elsewhere: `claimContent` finds that before the order is won.
 */
export async function grantOrder(tx: Tx, { order, paymentId, now }: Grant): Promise<void> {
  const bought = whatIsBought(order)
  if (order.kind === 'content') await giveContent(tx, order, now)
  // The user's row is locked before the account, as everywhere, so that two grants or a message cannot cross.
  const buyer = await countPurchase(tx, { userId: order.userId, amountMinor: order.priceMinor })
  const { referralCredits, loyaltyPercent } = (await loadSettings(tx)).settings
  if (buyer.isFirst) await rewardReferral(tx, { userId: order.userId, rewards: referralCredits })
  const loyalty = loyaltyBonus(order, { tier: buyer.tierBefore, loyaltyPercent })
  const after = await bookOrder(tx, order, bought, loyalty)
  await tx.payment.update({
    where: { id: paymentId },
    data: {
      grantedPaid: bought.paidDelta ?? 0,
      grantedBonus: order.bonus + loyalty,
      grantedSeconds: bought.passSeconds ?? 0,
    },
  })
  await enqueueNotice(tx, { userId: order.userId, ...paidNotice(order, after, loyalty) })
  if (order.contentId !== null) await oweContent(tx, { contentId: order.contentId, userId: order.userId })
  await notify(tx, 'live')
}

type Bought = Pick<Movement, 'paidDelta' | 'passSeconds'>

function whatIsBought(order: Order): Bought {
  switch (order.kind) {
    case 'credits':
      return { paidDelta: order.amount }
    case 'time':
      return { passSeconds: order.amount }
    case 'content':
      return {}
    case 'subscription':
      throw new Error(`Order ${order.id} is for ${order.kind}, which cannot be granted`)
    default:
      return assertNever(order.kind)
  }
}

async function giveContent(tx: Tx, { id, contentId, userId }: Order, now: Date): Promise<void> {
  const isTheirs = contentId !== null && (await claimRight(tx, { contentId, userId, source: `order:${id}`, now }))
  if (!isTheirs) throw new Error(`The content of order ${id} cannot be given`)
}

async function bookOrder(tx: Tx, order: Order, bought: Bought, loyalty: number) {
  const common = { userId: order.userId, ref: `order:${order.id}`, actor: order.rail, reason: order.label }
  let after = await post(tx, { ...common, kind: 'purchase', contra: 'sales', ...bought })
  const promotion = { ...common, contra: 'promotions' }
  if (order.bonus > 0) after = await post(tx, { ...promotion, kind: 'bonus', bonusDelta: order.bonus })
  if (loyalty > 0) after = await post(tx, { ...promotion, kind: 'loyalty', bonusDelta: loyalty })
  return after
}

async function post(tx: Tx, movement: Movement) {
  const posted = await postEntry(tx, movement)
  if (posted.status === 'duplicate') throw new Error(`${movement.kind} of ${movement.ref} is in the ledger already`)
  return posted
}

interface Notice {
  text: string
  args: Record<string, string | number>
}

function paidNotice(order: Order, after: { balance: number; passUntil: Date | null }, loyalty: number): Notice {
  const { label, amount, bonus } = order
  if (order.kind === 'content') return { text: 'notice-content-paid', args: { title: label } }
  if (order.kind === 'time') {
    // Milliseconds since the epoch: the text decides how a moment is written in the reader's language.
    const until = after.passUntil?.getTime() ?? 0
    return { text: 'buy-paid-pass', args: { label, bonus, until, balance: after.balance } }
  }
  const args = { label, credits: amount, bonus, balance: after.balance }
  return loyalty > 0 ? { text: 'buy-paid-loyal', args: { ...args, loyalty } } : { text: 'buy-paid-credits', args }
}
