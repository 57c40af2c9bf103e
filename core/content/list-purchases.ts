import type { Db } from '#core/db.ts'

/** Where a page begins: behind the entry of this moment and id. */
export interface After<Id> {
  at: Date
  id: Id
}

export interface OwnedContent {
  contentId: number
  title: string
  unlockedAt: Date
}

/** What a user may see, newest first, `limit` at most, behind `after` when given. */
export async function listOwnedContents(
  db: Db,
  { userId, after, limit }: { userId: bigint; after: After<number> | null; limit: number },
): Promise<OwnedContent[]> {
  const rows = await db.unlock.findMany({
    where: {
      userId,
      withdrawnAt: null,
      ...(after && { OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, contentId: { lt: after.id } }] }),
    },
    orderBy: [{ createdAt: 'desc' }, { contentId: 'desc' }],
    take: limit,
    select: { contentId: true, createdAt: true, content: { select: { title: true } } },
  })
  return rows.map(({ contentId, createdAt, content }) => ({ contentId, title: content.title, unlockedAt: createdAt }))
}

export interface PastPurchase {
  paymentId: string
  /** Null for money that names nothing we sell. */
  label: string | null
  amountMinor: number
  currency: string
  paidAt: Date
  /** `checked`: it did not fit and a person looks at it. */
  state: 'granted' | 'checked' | 'refunded' | 'partly_refunded'
}

/** The money that came from a user, newest first, `limit` at most, behind `after` when given. */
export async function listPastPurchases(
  db: Db,
  { userId, after, limit }: { userId: bigint; after: After<string> | null; limit: number },
): Promise<PastPurchase[]> {
  const payments = await db.payment.findMany({
    where: {
      userId,
      ...(after && { OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, id: { lt: after.id } }] }),
    },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit,
    include: {
      order: { select: { label: true } },
      subscription: { select: { product: { select: { label: true } } } },
    },
  })
  return payments.map((payment) => ({
    paymentId: payment.id,
    label: payment.order?.label ?? payment.subscription?.product.label ?? null,
    amountMinor: payment.amountMinor,
    currency: payment.currency,
    paidAt: payment.createdAt,
    state: stateOf(payment),
  }))
}

function stateOf(payment: { state: string; refundedMinor: number; amountMinor: number }): PastPurchase['state'] {
  if (payment.refundedMinor > 0) return payment.refundedMinor >= payment.amountMinor ? 'refunded' : 'partly_refunded'
  return payment.state === 'granted' ? 'granted' : 'checked'
}
