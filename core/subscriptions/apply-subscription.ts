import { findNamedOrder } from '#core/payments/checkout/find-named-order.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { settleInvoice } from '#core/subscriptions/settle-invoice.ts'
import type { RailInvoice, RailSubscription } from '#core/subscriptions/subscription-rail.ts'
import { tellOfEnd, tellOfFailure } from '#core/subscriptions/tell-subscriber.ts'
import type { Order, Prisma, Subscription } from '#prisma'

type Tx = Prisma.TransactionClient

export interface SubscriptionAnswer {
  subscription: RailSubscription
  /** The row's revision before the rail was asked; null when there was no row. */
  seenRevision: number | null
}

export type SubscriptionSettled =
  /** Not made by us: somebody else sells through the same account. */
  | { status: 'foreign' }
  /** The books agree with the rail. `granted`: periods that were paid for and given now. */
  | { status: 'settled'; granted: number; quarantined: number; problem: string | null }

/** Somebody wrote a newer answer down meanwhile: ask again. */
export class StaleAnswerError extends Error {
  override readonly name = 'StaleAnswerError'
}

/**
 * Brings our books in line with what the rail says about one subscription, inside the caller's transaction: its state,
 * every paid period (granted once, by the invoice's id), and what the user must be told. The same answer twice changes
 * nothing; an older answer never overwrites a newer one (throws StaleAnswerError).
 */
export async function applySubscription(
  tx: Tx,
  { answer, rail, now }: { answer: SubscriptionAnswer; rail: Pick<PaymentRail, 'livemode'>; now: Date },
): Promise<SubscriptionSettled> {
  const { subscription } = answer
  if (subscription.orderId === null) return { status: 'foreign' }
  const order = await findNamedOrder(tx, subscription.orderId)
  const kept = await keepRow(tx, answer, order)
  const settled: Extract<SubscriptionSettled, { status: 'settled' }> = {
    status: 'settled',
    granted: 0,
    quarantined: 0,
    problem: null,
  }
  for (const invoice of paidInvoices(subscription)) {
    const terms = invoice.orderId === subscription.orderId ? order : await findNamedOrder(tx, invoice.orderId)
    const outcome = await settleInvoice(tx, { subscription, invoice, order: terms, row: kept?.row ?? null, rail, now })
    if (outcome.status === 'granted') settled.granted += 1
    if (outcome.status === 'quarantined') {
      settled.quarantined += 1
      settled.problem = outcome.problem
    }
  }
  if (kept && order) {
    if (kept.hasEnded) await tellOfEnd(tx, { row: kept.row, label: order.label, endedUnpaid: subscription.endedUnpaid })
    else await tellOfFailure(tx, { row: kept.row, label: order.label, subscription })
  }
  return settled
}

/** Periods that money came for; nothing is owed for those that cost nothing after a change of plan. */
function paidInvoices({ invoices }: RailSubscription): RailInvoice[] {
  return invoices.filter(
    ({ status, reason, amountPaidMinor }) => status === 'paid' && (amountPaidMinor > 0 || reason !== 'change'),
  )
}

interface Kept {
  row: Subscription
  /** It has ended by this very answer. */
  hasEnded: boolean
}

/** Locks the row, makes it if it is new, and writes what changed. Null when it must not have one. */
async function keepRow(tx: Tx, answer: SubscriptionAnswer, order: Order | null): Promise<Kept | null> {
  const { subscription, seenRevision } = answer
  const before = await lockRow(tx, subscription.id)
  if (!order || order.kind !== 'subscription') return before && { row: before, hasEnded: false }
  const productId = await freeProductId(tx, { subscription, order, current: before?.productId ?? null })
  if (productId === null) return null
  const target = stateOf(subscription, productId)
  if (!before) return createRow(tx, { subscription, order, target })
  if (isSame(before, target)) return { row: before, hasEnded: false }
  if (before.revision !== seenRevision) throw new StaleAnswerError(`${subscription.id} has changed meanwhile`)
  const row = await tx.subscription.update({
    where: { id: before.id },
    data: { ...target, revision: { increment: 1 } },
  })
  return { row, hasEnded: before.endedAt === null && row.endedAt !== null }
}

async function lockRow(tx: Tx, id: string): Promise<Subscription | null> {
  await tx.$queryRaw`SELECT id FROM subscriptions WHERE id = ${id} FOR UPDATE`
  return tx.subscription.findUnique({ where: { id } })
}

/** The product of the order, unless the user has another live subscription to it; then the present one, if any. */
async function freeProductId(
  tx: Tx,
  { subscription, order, current }: { subscription: RailSubscription; order: Order; current: number | null },
): Promise<number | null> {
  if (subscription.endedAt !== null) return order.productId
  const other = await tx.subscription.count({
    where: {
      rail: 'stripe',
      userId: order.userId,
      productId: order.productId,
      endedAt: null,
      id: { not: subscription.id },
    },
  })
  return other === 0 ? order.productId : current
}

type State = Pick<
  Subscription,
  'productId' | 'status' | 'amountMinor' | 'currency' | 'currentPeriodEnd' | 'cancelAtPeriodEnd' | 'endedAt'
>

function stateOf(subscription: RailSubscription, productId: number): State {
  const { status, amountMinor, currency, periodEndsAt, endsAt, endedAt } = subscription
  return {
    productId,
    status,
    amountMinor,
    currency,
    currentPeriodEnd: endsAt ?? periodEndsAt,
    cancelAtPeriodEnd: endsAt !== null && endedAt === null,
    endedAt,
  }
}

function isSame(row: Subscription, target: State): boolean {
  return Object.entries(target).every(([field, value]) => {
    const current: unknown = row[field as keyof State]
    return value instanceof Date && current instanceof Date ? value.getTime() === current.getTime() : value === current
  })
}

/** A concurrent one that makes the same row is waited for; then the newest answer decides, by asking again. */
async function createRow(
  tx: Tx,
  { subscription, order, target }: { subscription: RailSubscription; order: Order; target: State },
): Promise<Kept> {
  const { count } = await tx.subscription.createMany({
    data: { id: subscription.id, rail: 'stripe', userId: order.userId, ...target },
    skipDuplicates: true,
  })
  const row = await lockRow(tx, subscription.id)
  if (count === 0 && !(row && isSame(row, target))) throw new StaleAnswerError(`${subscription.id} was just made`)
  if (!row) throw new Error(`subscription ${subscription.id} was not kept`)
  // One that is over before anybody heard of it has ended by this answer.
  return { row, hasEnded: count === 1 && row.endedAt !== null }
}
