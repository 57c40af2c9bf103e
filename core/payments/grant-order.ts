import { assertNever } from '#core/assert-never.ts'
import { type Movement, postEntry } from '#core/ledger/post-entry.ts'
import { notify } from '#core/live/notify.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
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
 */
export async function grantOrder(tx: Tx, { order, paymentId }: Grant): Promise<void> {
  const bought = whatIsBought(order)
  // The user's row is locked before the account, as everywhere, so that two grants or a message cannot cross.
  await countPurchase(tx, { userId: order.userId, amountMinor: order.priceMinor })
  const after = await bookOrder(tx, order, bought)
  await tx.payment.update({
    where: { id: paymentId },
    data: {
      grantedPaid: bought.paidDelta ?? 0,
      grantedBonus: order.bonus,
      grantedSeconds: bought.passSeconds ?? 0,
    },
  })
  await enqueueNotice(tx, { userId: order.userId, ...paidNotice(order, after) })
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
    case 'subscription':
      throw new Error(`Order ${order.id} is for ${order.kind}, which cannot be granted`)
    default:
      return assertNever(order.kind)
  }
}

async function bookOrder(tx: Tx, order: Order, bought: Bought) {
  const common = { userId: order.userId, ref: `order:${order.id}`, actor: order.rail, reason: order.label }
  const after = await post(tx, { ...common, kind: 'purchase', contra: 'sales', ...bought })
  if (order.bonus === 0) return after
  return post(tx, { ...common, kind: 'bonus', contra: 'promotions', bonusDelta: order.bonus })
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

function paidNotice(order: Order, after: { balance: number; passUntil: Date | null }): Notice {
  const { label, amount, bonus } = order
  if (order.kind === 'time') {
    // Milliseconds since the epoch: the text decides how a moment is written in the reader's language.
    const until = after.passUntil?.getTime() ?? 0
    return { text: 'buy-paid-pass', args: { label, bonus, until, balance: after.balance } }
  }
  return { text: 'buy-paid-credits', args: { label, credits: amount, bonus, balance: after.balance } }
}
