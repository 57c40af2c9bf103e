/** The only period Telegram sells: https://core.telegram.org/bots/api#createinvoicelink */
export const STARS_MONTH_SECONDS = 2_592_000

/** How payments in Stars are written in our books. */
export const STARS_CURRENCY = 'xtr'

/** Stars that a person paid to the bot, as Telegram reports it. */
export interface StarsPayment {
  /** Telegram's id of this payment: the key that makes a grant happen once. */
  chargeId: string
  userId: bigint
  amountStars: number
  currency: string
  payload: string
  /** Of a subscription: when the month that was paid ends. */
  monthEndsAt: Date | null
}

/** Stars that moved between a person and the bot, as Telegram lists them. */
export interface StarsTransaction {
  /** Telegram's id of the payment; the refund of a payment has the same. */
  chargeId: string
  /** in: paid to us · out: given back. */
  direction: 'in' | 'out'
  amountStars: number
  at: Date
  payer: {
    id: number
    firstName: string
    lastName: string | null
    username: string | null
    languageCode: string | null
  }
  payload: string
  /** Of a subscription's month; null for anything else. */
  periodSeconds: number | null
}

type StarsRefundOutcome =
  | { status: 'refunded' }
  /** It was given back before. */
  | { status: 'refunded_before' }
  /** Telegram will not; a person has to look. */
  | { status: 'refused'; reason: string }

/**
 * What we ask of Telegram about Stars, beside the invoices that the bot shows. Every method throws
 * `RailUnavailableError` when there is no usable answer; then nothing is known about the effect.
 */
export interface StarsRail {
  refund(payment: { userId: bigint; chargeId: string }): Promise<StarsRefundOutcome>
  /** Lets a subscription end with its paid month, or allows the person to have it renewed again. */
  setRenewal(payment: { userId: bigint; chargeId: string; renews: boolean }): Promise<'done' | 'over'>
  /** Payments and refunds between persons and the bot from a moment on, oldest first. */
  listTransactionsSince(since: Date): AsyncIterable<StarsTransaction>
}
