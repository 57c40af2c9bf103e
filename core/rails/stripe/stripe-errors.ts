import type Stripe from 'stripe'

/** What an error of Stripe's client means for us. */
export type StripeFailure =
  /** No answer, or one that says to come back: nothing is known about the effect. */
  | { kind: 'unavailable' }
  /** Stripe failed and keeps that answer under the idempotency key. */
  | { kind: 'failed_for_good' }
  /** The idempotency key belongs to a request with other parameters. */
  | { kind: 'key_reused' }
  | { kind: 'missing'; param: string | undefined }
  /** Stripe understood and refuses: the request as such, the card, or our account (a wrong key, say). */
  | { kind: 'refused'; reason: string; because: 'request' | 'card' | 'account'; param: string | undefined }

/**
 * Classifies an error thrown by Stripe's client; null when it is not one. The client itself is not imported here, so
 * errors are known by the `type` that each of its error classes carries.
 */
export function classifyStripeError(error: unknown): StripeFailure | null {
  if (!isStripeError(error)) return null
  const { statusCode, code, param, message } = error
  switch (error.type) {
    case 'StripeConnectionError':
    case 'StripeRateLimitError':
      return { kind: 'unavailable' }
    case 'StripeIdempotencyError':
      return { kind: 'key_reused' }
    case 'StripeAPIError':
      // 409: the same request is still running elsewhere.
      return { kind: statusCode !== undefined && statusCode >= 500 ? 'failed_for_good' : 'unavailable' }
    case 'StripeInvalidRequestError':
      return code === 'resource_missing'
        ? { kind: 'missing', param }
        : { kind: 'refused', reason: message, because: 'request', param }
    case 'StripeCardError':
      return { kind: 'refused', reason: message, because: 'card', param }
    default:
      return { kind: 'refused', reason: message, because: 'account', param }
  }
}

function isStripeError(error: unknown): error is Stripe.errors.StripeError {
  return error instanceof Error && 'type' in error && typeof error.type === 'string' && error.type.startsWith('Stripe')
}
