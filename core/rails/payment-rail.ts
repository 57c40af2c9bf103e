import type { CheckoutLinks } from '#core/payments/checkout/checkout-links.ts'
import type { BooksRail } from '#core/rails/books-rail.ts'
import type { CardRail } from '#core/recharge/card-rail.ts'
import type { SubscriptionRail } from '#core/subscriptions/subscription-rail.ts'

/** What a rail needs to take the money for one order. */
export interface CheckoutRequest {
  orderId: string
  /** Counts the checkouts of this order; with the order it names the request, so that asking twice makes one. */
  attempt: number
  /** Paid again every month (or in the rhythm of the rail's own price) until it is cancelled. */
  isSubscription: boolean
  label: string
  description: string | null
  priceMinor: number
  currency: string
  /** The rail's own price, instead of the one above. */
  priceId: string | null
  /** The buyer as the rail knows them from earlier purchases. */
  customerId: string | null
  links: Pick<CheckoutLinks, 'success' | 'cancel'>
}

/** What the rail says about one checkout right now. */
export interface Checkout {
  id: string
  /** The order it was made for, as written on it; null when it is not one of ours. */
  orderId: string | null
  /** The same, from a second place; both must agree. */
  reference: string | null
  status: 'open' | 'complete' | 'expired'
  /**
   * paid: the money is there · nothing_due: there was nothing to pay · pending: a slow method is on its way ·
   * failed: a slow method did not arrive · unpaid: nobody has paid.
   */
  payment: 'paid' | 'nothing_due' | 'pending' | 'failed' | 'unpaid'
  /** `payment` for a one-time purchase, `subscription` for what renews. */
  mode: string
  /** Where the buyer pays; null once it is closed. */
  url: string | null
  expiresAt: Date
  amountMinor: number | null
  currency: string | null
  livemode: boolean
  customerId: string | null
  paymentId: string | null
  /** What was begun by it; null until it is paid and for one-time purchases. */
  subscriptionId: string | null
}

export type CreateCheckoutOutcome =
  | { status: 'created'; checkout: Checkout }
  /** This attempt's number is used up, by a failure that was saved or by a request for something else: take the next. */
  | { status: 'attempt_spent'; because: 'failure' | 'other_request' }
  /** The rail no longer knows the customer. */
  | { status: 'customer_gone' }
  /** The rail will not sell this; a person has to look. */
  | { status: 'refused'; reason: string }

/** A way to take money. Every method throws `RailUnavailableError` when the rail gives no usable answer. */
export interface PaymentRail {
  readonly name: 'stripe'
  /** Whether the key moves real money. Money of the other kind is never granted. */
  readonly livemode: boolean
  createCheckout(request: CheckoutRequest): Promise<CreateCheckoutOutcome>
  /** Null when the rail has no such checkout. */
  findCheckout(id: string): Promise<Checkout | null>
  /** Nobody can pay it afterwards. `not_open` when it was paid or had expired already. */
  closeCheckout(id: string): Promise<'closed' | 'not_open'>
  /** Cards that are saved and charged without the buyer. */
  readonly cards: CardRail
  /** What renews. */
  readonly subscriptions: SubscriptionRail
  /** What became of the money, and giving it back. */
  readonly books: BooksRail
}

/** The rail did not answer, or not in a way one can rely on. Nothing is known about the effect; ask again later. */
export class RailUnavailableError extends Error {
  override readonly name = 'RailUnavailableError'
}
