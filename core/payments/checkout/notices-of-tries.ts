import { asUuid } from '#core/as-uuid.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { findNamedOrder } from '#core/payments/checkout/find-named-order.ts'
import { claimNotice } from '#core/payments/notices.ts'
import type { StripeEventHandler } from '#core/payments/stripe-events/stripe-event-handlers.ts'
import type { CustomerCard, PaymentTry } from '#core/rails/books-rail.ts'
import { cardBrand } from '#core/rails/card-brand.ts'
import type { Prisma, PrismaClient } from '#prisma'

type Tx = Prisma.TransactionClient

/**
 * The buyer of a declined try usually sits before the payment page, which says so too and lets them try again. One word
 * in the chat, for those who left the page, is enough for all tries of an hour.
 */
const ONE_FAILURE_PER_SECONDS = 3_600

/** A try to pay failed. Tries of auto-recharge and of subscriptions are told by those who make them. */
const failedTry: StripeEventHandler = async ({ id, objectId }, { rail }) => {
  const tried = objectId === null ? null : await rail.books.findTry(objectId)
  if (!tried?.hasFailed || tried.orderId === null) return null
  return (tx) => tellOfFailure(tx, { eventId: id, tried })
}

/** A slow way to pay did not bring the money in the end. */
export const failedCheckout: StripeEventHandler = async ({ id, objectId }, { rail }) => {
  const checkout = objectId === null ? null : await rail.findCheckout(objectId)
  if (!checkout?.paymentId || checkout.payment !== 'failed') return null
  const tried = await rail.books.findTry(checkout.paymentId)
  return tried && ((tx) => tellOfFailure(tx, { eventId: id, tried }))
}

async function tellOfFailure(tx: Tx, { eventId, tried }: { eventId: string; tried: PaymentTry }): Promise<void> {
  const { orderId, failureCode } = tried
  const order = await findNamedOrder(tx, orderId)
  if (!order || order.state === 'granted' || order.origin === 'recharge') return
  if (!(await claimNotice(tx, { key: `payment-failed:${eventId}` }))) return
  const again = { key: `payment-failed:${order.id}`, againAfterSeconds: ONE_FAILURE_PER_SECONDS }
  if (!(await claimNotice(tx, again))) return
  const price = formatMoney({ amountMinor: order.priceMinor, currency: order.currency })
  await enqueueNotice(tx, {
    userId: order.userId,
    text: 'payment-failed',
    args: { label: order.label, price, reason: inPlainWords(failureCode) },
    retryProductId: order.productId,
  })
}

/** Groups Stripe's reasons (https://docs.stripe.com/declines/codes) by what the buyer can do about them. */
function inPlainWords(code: string | null): string {
  switch (code) {
    case 'insufficient_funds':
    case 'card_velocity_exceeded':
    case 'withdrawal_count_limit_exceeded':
      return 'funds'
    case 'expired_card':
      return 'expired'
    case 'authentication_required':
    case 'payment_intent_authentication_failure':
      return 'authentication'
    case 'incorrect_number':
    case 'incorrect_cvc':
    case 'invalid_cvc':
    case 'invalid_number':
    case 'invalid_expiry_month':
    case 'invalid_expiry_year':
    case 'incorrect_zip':
      return 'typed'
    case 'processing_error':
    case 'try_again_later':
    case 'issuer_not_available':
      return 'later'
    default:
      return 'declined'
  }
}

/** A card was saved with one of our buyers: while paying, or on the billing page. */
const attachedCard: StripeEventHandler = async ({ objectId }, { db, rail }) => {
  const card = objectId === null ? null : await rail.books.findCard(objectId)
  if (!card?.customerId) return null
  const userId = await findBuyer(db, card.customerId, () =>
    rail.books.listOrderIds({ customerId: card.customerId ?? '' }),
  )
  return userId === null ? null : (tx) => tellOfCard(tx, { userId, card })
}

/** By what we know of customers, or, before their first purchase is booked, by what they went to pay. */
async function findBuyer(
  db: PrismaClient,
  stripeCustomerId: string,
  listOrderIds: () => Promise<string[]>,
): Promise<bigint | null> {
  const user = await db.user.findFirst({ where: { stripeCustomerId }, select: { id: true } })
  if (user) return user.id
  const orderIds = await listOrderIds()
  const id = { in: orderIds.flatMap((orderId) => asUuid(orderId) ?? []) }
  const order = await db.order.findFirst({ where: { id }, select: { userId: true } })
  return order?.userId ?? null
}

async function tellOfCard(tx: Tx, { userId, card }: { userId: bigint; card: CustomerCard }): Promise<void> {
  // Whoever saves a card for auto-recharge hears of it together with what it is for.
  const plan = await tx.rechargePlan.findUnique({ where: { userId } })
  const isForPlan = plan?.state === 'awaiting_card' || plan?.cardSessionId || plan?.paymentMethodId === card.id
  if (plan && isForPlan) return
  if (!(await claimNotice(tx, { key: `card-saved:${card.id}` }))) return
  const { brand, last4 } = card
  await enqueueNotice(tx, { userId, text: 'card-saved', args: { brand: cardBrand(brand), last4: last4 ?? 'none' } })
}

/** Events that lead to a word to the buyer and nothing else. */
export const noticeEventHandlers: Readonly<Record<string, StripeEventHandler>> = {
  'payment_intent.payment_failed': failedTry,
  'payment_method.attached': attachedCard,
}
