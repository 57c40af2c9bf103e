import type Stripe from 'stripe'

/**
 * How each process talks to Stripe: `new Stripe(apiKey, stripeClientOptions(apiBase))`.
 * `apiBase` (a URL) points somewhere else than Stripe, as the sandbox does.
 * A buyer waits on some of these calls, so they give up after seconds, not after the client's default of 80.
 */
export function stripeClientOptions(apiBase?: string): Stripe.StripeConfig {
  const common = { telemetry: false, timeout: 10_000, maxNetworkRetries: 2 }
  if (!apiBase) return common
  const { protocol, hostname, port } = new URL(apiBase)
  const isHttps = protocol === 'https:'
  return { ...common, protocol: isHttps ? 'https' : 'http', host: hostname, port: port || (isHttps ? 443 : 80) }
}
