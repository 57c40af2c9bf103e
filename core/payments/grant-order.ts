import { assertNever } from '#core/assert-never.ts'
import { type Movement, postEntry } from '#core/ledger/post-entry.ts'
import { notify } from '#core/live/notify.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import type { Order, Prisma } from '#prisma'

/**
 * Gives the buyer what the order promises and owes them the notice. The caller has just won the order for itself;
 * should the ledger know the order already, something is badly wrong, and everything is rolled back by an error.
 */
export async function grantOrder(tx: Prisma.TransactionClient, order: Order): Promise<void> {
  const ref = `order:${order.id}`
  const common = { userId: order.userId, ref, actor: 'stripe', reason: order.label }
  let after = await post(tx, { ...common, kind: 'purchase', contra: 'sales', ...whatIsBought(order) })
  if (order.bonus > 0) {
    after = await post(tx, { ...common, kind: 'bonus', contra: 'promotions', bonusDelta: order.bonus })
  }
  await enqueueNotice(tx, { userId: order.userId, ...paidNotice(order, after) })
  await notify(tx, 'live')
}

interface Notice {
  text: string
  args: Record<string, string | number>
}

function whatIsBought(order: Order): Pick<Movement, 'paidDelta' | 'passSeconds'> {
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

async function post(tx: Prisma.TransactionClient, movement: Movement) {
  const posted = await postEntry(tx, movement)
  if (posted.status === 'duplicate') throw new Error(`${movement.kind} of ${movement.ref} is in the ledger already`)
  return posted
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
