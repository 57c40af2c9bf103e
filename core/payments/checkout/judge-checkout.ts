import type { Checkout, PaymentRail } from '#core/rails/payment-rail.ts'
import type { Order } from '#prisma'

type Terms = Pick<Order, 'id' | 'kind' | 'priceMinor' | 'currency'>

/**
 * Why a checkout does not belong to the order it names, in words for the team; null when everything agrees:
 * kind of money (live or test), mode, order, amount and currency.
 */
export function findMismatch(order: Terms, checkout: Checkout, rail: Pick<PaymentRail, 'livemode'>): string | null {
  if (checkout.livemode !== rail.livemode) {
    return `It is a ${checkout.livemode ? 'live' : 'test'} payment, but the key is for ${rail.livemode ? 'live' : 'test'} mode.`
  }
  const mode = order.kind === 'subscription' ? 'subscription' : 'payment'
  if (checkout.mode !== mode) return `Its mode is ${checkout.mode}, the order asks for ${mode}.`
  if (checkout.orderId !== order.id || checkout.reference !== order.id) {
    return `It names order ${checkout.orderId} and reference ${checkout.reference}, which should be the same order.`
  }
  if (checkout.currency !== order.currency) {
    return `Its currency is ${checkout.currency}, the order is in ${order.currency}.`
  }
  if (checkout.amountMinor !== order.priceMinor) {
    return `Its amount is ${checkout.amountMinor} ${checkout.currency} in minor units, the order costs ${order.priceMinor}.`
  }
  return null
}
