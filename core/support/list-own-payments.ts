import type { Db } from '#core/db.ts'

/** A payment as its buyer knows it. */
export interface OwnPayment {
  id: string
  label: string
  amountMinor: number
  /** What of it was not given back yet. */
  leftMinor: number
  currency: string
  paidAt: Date
}

/** What a user paid most recently and did not get back whole, newest first. */
export async function listOwnPayments(
  db: Db,
  { userId, limit }: { userId: bigint; limit: number },
): Promise<OwnPayment[]> {
  const payments = await db.payment.findMany({
    where: { userId, amountMinor: { gt: 0 }, refundedMinor: { lt: db.payment.fields.amountMinor } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit,
    include: paymentLabel,
  })
  return payments.map(toOwnPayment)
}

/** One of the user's own payments; null when it is somebody else's or there is none. */
export async function findOwnPayment(
  db: Db,
  { userId, paymentId }: { userId: bigint; paymentId: string },
): Promise<OwnPayment | null> {
  const payment = await db.payment.findFirst({ where: { id: paymentId, userId }, include: paymentLabel })
  return payment && toOwnPayment(payment)
}

const paymentLabel = {
  order: { select: { label: true } },
  subscription: { select: { product: { select: { label: true } } } },
} as const

function toOwnPayment(payment: {
  id: string
  amountMinor: number
  refundedMinor: number
  currency: string
  createdAt: Date
  order: { label: string } | null
  subscription: { product: { label: string } } | null
}): OwnPayment {
  const { id, amountMinor, refundedMinor, currency, createdAt: paidAt, order, subscription } = payment
  const label = order?.label ?? subscription?.product.label ?? '—'
  return { id, label, amountMinor, leftMinor: amountMinor - refundedMinor, currency, paidAt }
}
