import type { SavedCardBehaviour } from '../control-types.ts'

export type Decline = { code: string; decline_code?: string; message: string }

export const DECLINES = {
  declined: { code: 'card_declined', decline_code: 'generic_decline', message: 'Your card was declined.' },
  insufficient_funds: {
    code: 'card_declined',
    decline_code: 'insufficient_funds',
    message: 'Your card has insufficient funds.',
  },
  expired_card: { code: 'expired_card', decline_code: 'expired_card', message: 'Your card has expired.' },
  /** The bank wants the buyer, and the buyer is not there. */
  authentication_required: {
    code: 'authentication_required',
    decline_code: 'authentication_required',
    message: 'Your card was declined. This transaction requires authentication.',
  },
  /** The buyer was asked and failed. */
  authentication_failed: {
    code: 'payment_intent_authentication_failure',
    message:
      'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
  },
  /** An invoice is due and no card is saved. */
  no_card: {
    code: 'missing',
    message:
      'Cannot charge a customer that has no active card or default payment method. Please attach one and try again.',
  },
  bank_debit_failed: {
    code: 'payment_method_provider_decline',
    message: 'The bank refused the debit. The money could not be collected.',
  },
} satisfies Record<string, Decline>

/** What the bank says to a charge; the buyer being present turns a refusal for authentication into a challenge. */
export function judgeCard(behaviour: SavedCardBehaviour, isOffSession: boolean): 'approve' | 'challenge' | Decline {
  if (behaviour === 'succeeds') return 'approve'
  if (behaviour === 'authentication_required' && !isOffSession) return 'challenge'
  return DECLINES[behaviour]
}
