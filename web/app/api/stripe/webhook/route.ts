import { getDeps } from '#web/server/deps.ts'
import { getPayments } from '#web/server/payments/payments.ts'
import { receiveStripeWebhook } from '#web/server/payments/stripe-webhook.ts'

export async function POST(request: Request): Promise<Response> {
  const { config, database, log } = getDeps()
  const { stripe } = getPayments()
  return receiveStripeWebhook({ sql: database.pool, stripe, webhookSecret: config.stripeWebhookSecret, log }, request)
}
