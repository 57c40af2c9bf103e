import { RailUnavailableError } from '#core/rails/payment-rail.ts'
import { classifyStripeError, type StripeFailure } from '#core/rails/stripe/stripe-errors.ts'

/** Asks; `onFailure` answers for what Stripe refuses, and whatever it leaves undefined counts as no answer. */
export async function askStripe<T, F>(
  ask: () => Promise<T>,
  onFailure: (failure: StripeFailure) => F | undefined,
): Promise<T | Exclude<F, undefined>> {
  try {
    return await ask()
  } catch (error) {
    const failure = classifyStripeError(error)
    if (!failure) throw error
    const answer = onFailure(failure)
    if (answer === undefined) throw new RailUnavailableError('Stripe gave no usable answer', { cause: error })
    return answer as Exclude<F, undefined>
  }
}

export const orNull = (failure: StripeFailure) => (failure.kind === 'missing' ? null : undefined)
