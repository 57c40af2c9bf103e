import type { WireMessage } from './wire.ts'

/** What persons and time do with Stars. */
export interface StarVerbs {
  /**
   * Pays an invoice in Stars: a message with one, or a link from createInvoiceLink. Resolves once the bot has answered
   * the pre-checkout query, or in 10 s of the world's clock.
   */
  payInvoice(p: { userId: number } & InvoiceRef): Promise<PaymentOutcome>
  listStarSubscriptions(p?: { userId?: number }): StarSubscriptionView[]
  /** The person ends the renewal, or wants it again, in Telegram's own settings; the bot receives `subscription`. */
  changeStarSubscription(p: { chargeId: string; change: 'cancel' | 'resume' }): void
  /**
   * The paid month of one subscription is over at once, whatever the clock says. It renews unless it was cancelled or
   * the person has no Stars (`hasStars: false`); then the bot receives `subscription` with the state `failed`.
   * `advanceClock` lets the months of all subscriptions pass that come due.
   */
  letStarMonthPass(p: { chargeId: string; hasStars?: boolean }): StarMonthOutcome
  /** The bot's owner takes Stars away; refunds may then exceed what is left. */
  withdrawStars(p: { amount: number }): void
}

export type InvoiceRef = { chatId: number; messageId: number } | { link: string }

export type PaymentOutcome =
  | { status: 'paid'; message: WireMessage; chargeId: string }
  | { status: 'declined'; reason: string }
  | { status: 'timed-out' }
  /** A message's invoice is paid once, a subscription runs once at a time. */
  | { status: 'already-paid' }

export type StarMonthOutcome =
  | { status: 'renewed'; message: WireMessage; chargeId: string }
  | { status: 'failed' }
  | { status: 'ended' }

export interface StarSubscriptionView {
  /** Of the first payment: the one that names the subscription. */
  chargeId: string
  userId: number
  amount: number
  payload: string
  /** When the paid month ends, seconds since 1970. */
  until: number
  state: 'active' | 'canceled' | 'canceled-by-bot' | 'failed' | 'ended'
  /** Of every month that was paid, oldest first. */
  chargeIds: string[]
}
