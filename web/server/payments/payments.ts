import 'server-only'
import { Stripe } from 'stripe'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { stripeClientOptions } from '#core/rails/stripe/stripe-client-options.ts'
import { createStripeRail } from '#core/rails/stripe/stripe-rail.ts'
import { getDeps } from '#web/server/deps.ts'

interface Payments {
  stripe: Stripe
  rail: PaymentRail
}

let payments: Payments | undefined

/** This process' Stripe client and the rail over it, made when first asked for. */
export function getPayments(): Payments {
  payments ??= createPayments()
  return payments
}

function createPayments(): Payments {
  const { stripeApiKey: apiKey, stripeApiBase } = getDeps().config
  const stripe = new Stripe(apiKey, stripeClientOptions(stripeApiBase))
  return { stripe, rail: createStripeRail(stripe, { apiKey }) }
}
