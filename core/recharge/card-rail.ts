/** A card as the rail keeps it for later charges. */
export interface SavedCard {
  paymentMethodId: string
  /** The same for the same card, however often it is saved; null when the rail does not tell. */
  fingerprint: string | null
  brand: string
  last4: string
}

/** What the rail says about one page on which a card is saved. */
export interface CardSetup {
  id: string
  /** Whom it was made for, as written on it; null when it is not one of ours. */
  userId: bigint | null
  status: 'open' | 'complete' | 'expired'
  /** Where the card is entered; null once the page is closed. */
  url: string | null
  expiresAt: Date
  livemode: boolean
  customerId: string | null
  /** Null until the page is complete. */
  card: SavedCard | null
}

export interface CardSetupRequest {
  userId: bigint
  customerId: string
  /** Counts the pages of this user; with the user it names the request, so that asking twice makes one. */
  attempt: number
  successUrl: string
  cancelUrl: string
}

/** What the rail says about one charge without the buyer. */
export interface Charge {
  id: string
  /** The attempt and the order it was made for, as written on it; null when it is not one of ours. */
  attemptId: string | null
  orderId: string | null
  /**
   * unconfirmed: nothing was charged and nothing will be before it is confirmed · succeeded: the money is there ·
   * declined: the bank said no · needs_buyer: the bank wants the buyer to confirm · canceled: it can never succeed ·
   * processing: not decided yet.
   */
  status: 'unconfirmed' | 'succeeded' | 'declined' | 'needs_buyer' | 'canceled' | 'processing'
  /** Why the last try failed, in the rail's words; null when none did. */
  declineCode: string | null
  amountMinor: number
  currency: string
  livemode: boolean
  customerId: string | null
}

export interface ChargeRequest {
  attemptId: string
  orderId: string
  /** Counts the charges made for this attempt because an answer was used up; with the attempt it names the request. */
  round: number
  customerId: string
  paymentMethodId: string
  amountMinor: number
  currency: string
  description: string
}

/** Why the rail will not do it; trying again does not help. */
export type CardRefusal =
  /** The card or the customer is not there any more. */
  { status: 'card_gone' } | { status: 'refused'; reason: string }

/** Saving cards and charging them later. Every method throws `RailUnavailableError` when there is no usable answer. */
export interface CardRail {
  /** `request` names the request: the same one answers with the same customer. */
  createCustomer(given: { userId: bigint; request: string }): Promise<string>
  /** `attempt_spent`: this attempt's number is used up, take the next. */
  openCardSetup(
    request: CardSetupRequest,
  ): Promise<{ status: 'opened'; setup: CardSetup } | { status: 'attempt_spent' } | CardRefusal>
  /** Null when the rail has no such page. */
  findCardSetup(id: string): Promise<CardSetup | null>
  /** Makes a charge that does nothing before it is confirmed. `round_spent`: take the next round. */
  createCharge(
    request: ChargeRequest,
  ): Promise<{ status: 'created'; charge: Charge } | { status: 'round_spent' } | CardRefusal>
  /** Takes the money now. However often it is confirmed, a charge takes it at most once. */
  confirmCharge(id: string): Promise<{ status: 'answered'; charge: Charge } | CardRefusal>
  /** Null when the rail has no such charge. */
  findCharge(id: string): Promise<Charge | null>
  /** Makes sure that it can never succeed. `too_late` when it was decided already. */
  cancelCharge(id: string): Promise<'canceled' | 'too_late'>
  /** Whether this customer still has this card. */
  hasCard(given: { customerId: string; paymentMethodId: string }): Promise<boolean>
  /** The page on which a customer sees payments and removes cards; null when the customer is not there any more. */
  openBillingPage(given: { customerId: string; returnUrl: string }): Promise<string | null>
  /** Forgets the customer with cards and subscriptions. Safe to repeat. */
  deleteCustomer(customerId: string): Promise<void>
}
