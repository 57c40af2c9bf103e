import { randomUUID } from 'node:crypto'
import { applyCheckout, type Settled } from '#core/payments/checkout/apply-checkout.ts'
import { settleInTurn } from '#core/payments/settle-in-turn.ts'
import type { Checkout } from '#core/rails/payment-rail.ts'
import type { Order, PrismaClient } from '#prisma'

/** Money for an order arrives, as if Stripe had said so. */
export async function payOrder(db: PrismaClient, order: Order): Promise<Settled> {
  const settling = { checkout: paidCheckout(order), rail: { livemode: false }, now: new Date() }
  return settleInTurn(db, (tx) => applyCheckout(tx, settling))
}

/** What Stripe says of a checkout in which an order was paid. */
function paidCheckout(order: Order): Checkout {
  return {
    id: `cs_test_${randomUUID()}`,
    orderId: order.id,
    reference: order.id,
    status: 'complete',
    payment: 'paid',
    mode: 'payment',
    subscriptionId: null,
    url: null,
    expiresAt: order.expiresAt,
    amountMinor: order.priceMinor,
    currency: order.currency,
    livemode: false,
    customerId: null,
    paymentId: `pi_test_${randomUUID()}`,
  }
}
