import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import type { Stripe } from 'stripe'
import type { Database } from '#core/db.ts'
import { openCheckout } from '#core/payments/checkout/open-checkout.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { openCardSetup } from '#core/recharge/open-card-setup.ts'
import { PUBLIC_URL } from '#testing/simulation/places.ts'
import type { StripeTime } from '#testing/simulation/stripe-time.ts'
import { landOnSuccess } from '#web/server/payments/checkout-state.ts'
import { receiveStripeWebhook } from '#web/server/payments/stripe-webhook.ts'

interface WebDeps {
  database: Pick<Database, 'prisma' | 'pool'>
  rail: PaymentRail
  stripe: Stripe
  time: StripeTime
  webhookSecret: string
}

/** What the web app does about payments: the functions that its routes call, behind a server of their own. */
export async function openWeb({ database, rail, stripe, time, webhookSecret }: WebDeps) {
  const { prisma: db, pool: sql } = database
  const log = pino({ level: 'silent' })

  /** On its way the event's moments become the machine's, so it is sealed anew; one that Stripe never sealed is not. */
  async function receive(incoming: IncomingMessage): Promise<Response> {
    const body = await text(incoming)
    const seal = String(incoming.headers['stripe-signature'])
    const event = stripe.webhooks.constructEvent(body, seal, webhookSecret)
    const payload = JSON.stringify(time.toMachine(event))
    const headers = {
      'stripe-signature': stripe.webhooks.generateTestHeaderString({ payload, secret: webhookSecret }),
    }
    const request = new Request(PUBLIC_URL, { method: 'POST', headers, body: payload })
    return receiveStripeWebhook({ sql, stripe, webhookSecret, log }, request)
  }

  const server = createServer((incoming, outgoing) => {
    receive(incoming)
      .then(({ status }) => outgoing.writeHead(status).end())
      .catch(() => outgoing.writeHead(500).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    webhookUrl: `http://127.0.0.1:${port}/api/stripe/webhook`,
    clickPayLink: (token: string) => openCheckout(db, rail, { token, publicUrl: PUBLIC_URL, now: new Date() }),
    clickCardLink: (token: string) => openCardSetup(db, rail, { token, publicUrl: PUBLIC_URL, now: new Date() }),
    land: (token: string, sessionId: string) => landOnSuccess(db, rail, { token, sessionId, now: new Date() }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
