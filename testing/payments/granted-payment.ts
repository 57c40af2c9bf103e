import { placeOrder } from '#core/payments/checkout/place-order.ts'
import { type Reversed, reversePayment } from '#core/payments/refunds/reverse-payment.ts'
import { registerUser } from '#core/users/register-user.ts'
import type { Prisma, PrismaClient } from '#prisma'
import { payOrder } from '#testing/payments/pay-order.ts'

/** A payment that was granted without a rail having been asked: ten credits and two on top for five dollars. */
export async function grantPayment(
  db: PrismaClient,
  { userId, product = {} }: { userId: bigint; product?: Partial<Prisma.ProductCreateInput> },
): Promise<{ paymentId: string; orderId: string }> {
  await registerUser(db, { id: userId, firstName: 'Ann', lastName: null, username: null, languageCode: 'en' })
  const tenCredits = {
    kind: 'credits',
    label: '10 credits',
    amount: 10,
    bonus: 2,
    priceMinor: 500,
    currency: 'usd',
  } as const
  const { id: productId } = await db.product.create({ data: { ...tenCredits, ...product } })
  const placed = await placeOrder(db, { userId, productId, now: new Date() })
  if (placed.status !== 'placed') throw new Error(`the order is ${placed.status}`)
  const { order } = placed
  const settled = await payOrder(db, order)
  if (settled.status !== 'granted') throw new Error(`the payment is ${settled.status}`)
  const { id: paymentId } = await db.payment.findFirstOrThrow({ where: { orderId: order.id } })
  return { paymentId, orderId: order.id }
}

/** Gives money of a payment back without a rail having been asked; `refundedMinor` is the sum of all that went back. */
export async function giveMoneyBack(
  db: PrismaClient,
  { paymentId, refundedMinor }: { paymentId: string; refundedMinor: number },
): Promise<Reversed> {
  return db.$transaction(async (tx) => {
    // One row stands for all refunds; a sum that is told late is no news.
    if (refundedMinor > 0) {
      await tx.$executeRaw`
        INSERT INTO refunds (id, payment_id, amount_minor, currency, status, actor)
        VALUES (${`re_${paymentId}`}, ${paymentId}::uuid, ${refundedMinor}, 'usd', 'succeeded', 'stripe')
        ON CONFLICT (id) DO UPDATE SET amount_minor = greatest(refunds.amount_minor, excluded.amount_minor)`
    }
    const cause = { kind: 'refund', actor: 'stripe' } as const
    return reversePayment(tx, { paymentId, refundedMinor, cause, now: new Date() })
  })
}
