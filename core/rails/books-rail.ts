/** One refund as the rail tells it. */
export interface RailRefund {
  id: string
  amountMinor: number
  currency: string
  /** pending, requires_action, succeeded, failed, canceled. */
  status: string
  /** Our request that it answers, as written on it; null for one made elsewhere. */
  requestId: string | null
  reason: string | null
}

/** One dispute as the rail tells it. */
export interface RailDispute {
  id: string
  amountMinor: number
  currency: string
  /** The rail's word; see `judgeDispute` for what it means. */
  status: string
  reason: string
  evidenceDueAt: Date | null
  openedAt: Date
}

/** Money that was taken, with everything that happened to it since. */
export interface TakenMoney {
  chargeId: string
  paymentIntentId: string | null
  /** The order it was taken for, as written on it. */
  orderId: string | null
  customerId: string | null
  amountMinor: number
  currency: string
  livemode: boolean
  createdAt: Date
  refunds: RailRefund[]
  disputes: RailDispute[]
}

/** Money that was taken, as a list shows it. */
export type ListedMoney = Omit<TakenMoney, 'refunds' | 'disputes'> & { refundedMinor: number }

/** A payment that is being tried. */
export interface PaymentTry {
  id: string
  orderId: string | null
  /** Whether the last try failed and nothing came after it. */
  hasFailed: boolean
  /** Why, in the rail's words; null when it does not say. */
  failureCode: string | null
}

/** A card that was saved with a customer. */
export interface CustomerCard {
  id: string
  customerId: string | null
  brand: string | null
  last4: string | null
}

export interface RefundOrder {
  requestId: string
  /** Counts what was asked for this request; with it it names the call, so that asking twice makes one refund. */
  attempt: number
  paymentIntentId: string | null
  chargeId: string | null
  amountMinor: number
}

export type RefundOutcome =
  | { status: 'made'; refundId: string }
  /** The rail failed for good under this attempt's number. Look whether it made the refund all the same. */
  | { status: 'attempt_spent' }
  | { status: 'refused'; reason: string }

/**
 * What the rail's own books say, and giving money back.
 * Every method throws `RailUnavailableError` when the rail gives no usable answer.
 */
export interface BooksRail {
  /** Null when the rail has no such thing, or the thing took no money. */
  findMoney(
    by: { chargeId: string } | { refundId: string } | { disputeId: string } | { paymentIntentId: string },
  ): Promise<TakenMoney | null>
  /** The checkout in which a payment was made; null when it was made in another way. */
  findCheckoutId(by: { paymentIntentId: string }): Promise<string | null>
  findTry(paymentIntentId: string): Promise<PaymentTry | null>
  findCard(paymentMethodId: string): Promise<CustomerCard | null>
  /** Our orders that a customer went to pay, newest first, a few of them. */
  listOrderIds(by: { customerId: string }): Promise<string[]>
  refund(order: RefundOrder): Promise<RefundOutcome>
  /** All money taken since a moment, newest first. */
  listMoney(since: { createdFrom: Date }): AsyncIterable<ListedMoney>
  /** All events since a moment as they came, newest first. */
  listEvents(since: { createdFrom: Date }): AsyncIterable<unknown>
}
