import { assertNever } from '#core/assert-never.ts'
import { claimRight } from '#core/content/claim-right.ts'
import { oweContent } from '#core/content/owe-content.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { type Booked, bookPurchase, type Purchase } from '#core/payments/checkout/book-purchase.ts'
import type { Order, Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

interface Grant {
  order: Order
  /** The row of the money that paid for it; it remembers what was granted. */
  paymentId: string
  now: Date
  /** Bought without the buyer, who then reads what was charged and why. */
  byItself?: boolean
}

/**
 * Gives the buyer what the order promises and owes them the notice. The caller has just won the order for itself;
 * should the ledger know the order already, something is badly wrong, and everything is rolled back by an error.
 * So it is when the buyer of a content has it from elsewhere: `claimContent` finds that before the order is won.
 */
export async function grantOrder(tx: Tx, { order, paymentId, now, byItself = false }: Grant): Promise<void> {
  if (order.kind === 'content') await giveContent(tx, order, now)
  const booked = await bookPurchase(tx, {
    userId: order.userId,
    ref: `order:${order.id}`,
    rail: order.rail,
    label: order.label,
    amountMinor: order.priceMinor,
    ...whatIsBought(order),
    bonus: order.bonus,
    isLoyal: order.kind === 'credits',
    paymentId,
  })
  await enqueueNotice(tx, {
    userId: order.userId,
    ...(byItself ? rechargeNotice(order, booked) : paidNotice(order, booked)),
  })
  if (order.contentId !== null) await oweContent(tx, { contentId: order.contentId, userId: order.userId })
}

function whatIsBought(order: Order): Pick<Purchase, 'paid' | 'passSeconds'> {
  switch (order.kind) {
    case 'credits':
      return { paid: order.amount }
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

interface Notice {
  text: string
  args: Record<string, string | number>
}

function paidNotice(order: Order, { balance, passUntil, loyalty }: Booked): Notice {
  const { label, amount, bonus } = order
  if (order.kind === 'content') return { text: 'notice-content-paid', args: { title: label } }
  if (order.kind === 'time') {
    // Milliseconds since the epoch: the text decides how a moment is written in the reader's language.
    const until = passUntil?.getTime() ?? 0
    return { text: 'buy-paid-pass', args: { label, bonus, until, balance } }
  }
  const args = { label, credits: amount, bonus, balance }
  return loyalty > 0 ? { text: 'buy-paid-loyal', args: { ...args, loyalty } } : { text: 'buy-paid-credits', args }
}

function rechargeNotice({ amount, bonus, priceMinor, currency }: Order, { balance, loyalty }: Booked) {
  const price = formatMoney({ amountMinor: priceMinor, currency })
  const args = { credits: amount, extra: bonus + loyalty, price, balance }
  return { text: 'recharge-done', args, buttons: 'recharge' } as const
}
