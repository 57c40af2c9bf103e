import { randomUUID } from 'node:crypto'
import type { Checkout } from '#core/rails/payment-rail.ts'
import type { Order } from '#prisma'

/** What Stripe says of a checkout in which an order was paid. */
export function paidCheckout(order: Order): Checkout & { paymentId: string } {
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
