/** What the rail says about one subscription right now. */
export interface RailSubscription {
  id: string
  /** The order whose terms hold now, as written on it; null when it is not one of ours. */
  orderId: string | null
  /** The rail's word: active, past_due, unpaid, canceled, incomplete, paused … */
  status: string
  customerId: string | null
  livemode: boolean
  /** What the next period costs, in minor units. */
  amountMinor: number
  currency: string
  /** Until when it is paid or being paid. */
  periodEndsAt: Date | null
  /** When it will end by itself; null while it goes on renewing. */
  endsAt: Date | null
  endedAt: Date | null
  /** Whether it ended because its money did not come. */
  endedUnpaid: boolean
  /** What is charged; null when it is not exactly one thing. */
  itemId: string | null
  /** The newest ones, oldest first. */
  invoices: RailInvoice[]
}

/** The bill for one period. */
export interface RailInvoice {
  id: string
  /** The order whose terms held when it was made. */
  orderId: string | null
  status: 'draft' | 'open' | 'paid' | 'void' | 'uncollectible'
  /** begin: the first period · renewal: a further one · change: the difference after a change within a period. */
  reason: 'begin' | 'renewal' | 'change' | 'other'
  createdAt: Date
  paidAt: Date | null
  amountPaidMinor: number
  amountDueMinor: number
  currency: string
  livemode: boolean
  /** How often its money was tried for. */
  attempts: number
  /** When it is tried next by itself. */
  nextAttemptAt: Date | null
  /** The payment that brought the money. */
  paymentId: string | null
  /** The time it pays for. */
  period: { startsAt: Date; endsAt: Date } | null
}

export interface PlanChange {
  id: string
  itemId: string
  /** The order with the new terms. */
  orderId: string
  label: string
  priceMinor: number
  currency: string
  /** The rail's own price, instead of the one above. */
  priceId: string | null
}

export type ChangeOutcome =
  | { status: 'changed' }
  /** The rail does not know it, or it has ended. */
  | { status: 'gone' }
  | { status: 'refused'; reason: string }

/** Subscriptions at the rail. Every method throws `RailUnavailableError` when there is no usable answer. */
export interface SubscriptionRail {
  /** Null when the rail has no such subscription. */
  find(id: string): Promise<RailSubscription | null>
  /** The subscription that an invoice belongs to; null when there is no such invoice or it belongs to none. */
  findIdByInvoice(invoiceId: string): Promise<string | null>
  /** The subscription that a payment was made for; null when it was made for none. */
  findIdByPayment(paymentIntentId: string): Promise<string | null>
  /** It stays until the end of what is paid. Safe to repeat. */
  cancelAtPeriodEnd(id: string): Promise<ChangeOutcome>
  /** Takes a planned end back, whoever planned it. Safe to repeat. */
  resume(id: string): Promise<ChangeOutcome>
  /** From the next period on; nothing is charged or credited for the present one. */
  changePlan(change: PlanChange): Promise<ChangeOutcome>
}
