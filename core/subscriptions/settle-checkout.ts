import type { Settled } from '#core/payments/checkout/apply-checkout.ts'
import type { Checkout, PaymentRail } from '#core/rails/payment-rail.ts'
import { applySubscription, type SubscriptionAnswer } from '#core/subscriptions/apply-subscription.ts'
import { askAboutSubscription } from '#core/subscriptions/ask-about-subscription.ts'
import type { Prisma, PrismaClient } from '#prisma'

type Tx = Prisma.TransactionClient

/**
 * Asks the rail about the subscription that a checkout began; the answer is applied in the caller's transaction. Null
 * when the checkout began none (yet).
 */
export async function askAboutBegun(
  db: PrismaClient,
  rail: PaymentRail,
  { subscriptionId }: Pick<Checkout, 'subscriptionId'>,
): Promise<SubscriptionAnswer | null> {
  return subscriptionId === null ? null : askAboutSubscription(db, rail, { subscriptionId })
}

/** Settles the subscription that a checkout began, in the words of checkouts. */
export async function applyBegun(
  tx: Tx,
  { answer, rail, now }: { answer: SubscriptionAnswer; rail: PaymentRail; now: Date },
): Promise<Settled> {
  const settled = await applySubscription(tx, { answer, rail, now })
  if (settled.status === 'foreign') return settled
  if (settled.problem !== null) return { status: 'quarantined', problem: settled.problem }
  const { orderId, invoices } = answer.subscription
  if (settled.granted > 0 && orderId !== null) return { status: 'granted', orderId }
  const before = await tx.payment.findFirst({
    where: { invoiceId: { in: invoices.map(({ id }) => id) } },
    orderBy: { createdAt: 'asc' },
    select: { state: true },
  })
  if (before) return { status: 'settled_before', state: before.state }
  return { status: 'not_paid', payment: 'pending', ended: false }
}
