import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
// oxlint-disable-next-line no-restricted-imports -- only tests load this file, and the SDK is their client
import { Stripe } from 'stripe'
import { expect } from 'vitest'
import type { StripeControl, StripeOptions } from './control-types.ts'
import { readBody } from './http.ts'
import { startStripe } from './server.ts'
import { checkTraffic } from './traffic-check.ts'

export const API_KEY = 'sk_test_51SandboxKeyForTests'
export const WEBHOOK_SECRET = 'whsec_sandbox_secret_for_tests'

type Received = { event: Stripe.Event; payload: string; signature: string; headers: IncomingHttpHeaders }

export type TestStripe = {
  url: string
  world: StripeControl
  sdk: Stripe
  /** Everything the webhook receiver got with a valid signature, in order of arrival. */
  received: Received[]
  /** What the receiver answers next; after these it answers 200. */
  answers: number[]
  webhookUrl: string
  newClient(options?: Stripe.StripeConfig & { apiKey?: string }): Stripe
  close(): Promise<void>
}

/** A stand-in with the official SDK as its client and a receiver that checks signatures as a shop would. */
export async function startTestStripe(options: Partial<StripeOptions> = {}): Promise<TestStripe> {
  const folder = await mkdtemp(join(tmpdir(), 'stripe-stand-in-'))
  const trafficLog = join(folder, 'traffic.jsonl')
  const received: Received[] = []
  const answers: number[] = []
  const verifier = new Stripe(API_KEY)
  const receiver = createServer((request, response) => {
    void readBody(request).then((payload) => {
      const signature = String(request.headers['stripe-signature'])
      const event = verifier.webhooks.constructEvent(payload, signature, WEBHOOK_SECRET)
      received.push({ event, payload, signature, headers: request.headers })
      response.writeHead(answers.shift() ?? 200).end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const webhookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  const standIn = await startStripe({
    apiKey: API_KEY,
    webhookUrl,
    webhookSecret: WEBHOOK_SECRET,
    trafficLog,
    ...options,
  })
  const newClient: TestStripe['newClient'] = ({ apiKey = API_KEY, ...config } = {}) =>
    new Stripe(apiKey, {
      host: '127.0.0.1',
      port: new URL(standIn.url).port,
      protocol: 'http',
      telemetry: false,
      maxNetworkRetries: 0,
      ...config,
    })
  return {
    url: standIn.url,
    world: standIn.world,
    sdk: newClient(),
    received,
    answers,
    webhookUrl,
    newClient,
    close: async () => {
      await standIn.close()
      receiver.closeAllConnections()
      await new Promise((resolve) => receiver.close(resolve))
      await expectValidTraffic(trafficLog)
      await rm(folder, { recursive: true })
    },
  }
}

async function expectValidTraffic(trafficLog: string): Promise<void> {
  // oxlint-disable-next-line no-process-env -- only tests load this file
  const folder = process.env.WIRE_VALIDATORS
  if (!folder) {
    console.info('note: WIRE_VALIDATORS names no folder, so the traffic was not held against the declared types')
    return
  }
  expect((await checkTraffic(trafficLog, folder)).problems).toEqual([])
}

export const tenCredits = {
  mode: 'payment',
  success_url: 'https://shop.example/done?session={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://shop.example/cancelled',
  client_reference_id: 'order-1',
  line_items: [
    { quantity: 1, price_data: { currency: 'usd', unit_amount: 500, product_data: { name: '10 credits' } } },
  ],
  metadata: { order_id: 'order-1' },
} satisfies Stripe.Checkout.SessionCreateParams

export const monthly = {
  mode: 'subscription',
  success_url: 'https://shop.example/done?session={CHECKOUT_SESSION_ID}',
  client_reference_id: 'order-1',
  line_items: [
    {
      quantity: 1,
      price_data: {
        currency: 'usd',
        unit_amount: 900,
        recurring: { interval: 'month' },
        product_data: { name: 'Monthly credits' },
      },
    },
  ],
  metadata: { order_id: 'order-1' },
  subscription_data: { metadata: { order_id: 'order-1' } },
} satisfies Stripe.Checkout.SessionCreateParams

/** The error a promise fails with; fails itself when there is none. */
export async function refusalOf(promise: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error
    throw error
  }
  throw new Error('it was accepted')
}

/** Types of the events received, in the order they were emitted: the order of arrival is nobody's promise. */
export async function typesOf(stripe: TestStripe): Promise<string[]> {
  const emitted = (await stripe.world.listEvents()).map((event) => event.id)
  const rank = new Map(emitted.map((id, index) => [id, index]))
  const events = stripe.received.map(({ event }) => event)
  return events.sort((a, b) => (rank.get(a.id) ?? 0) - (rank.get(b.id) ?? 0)).map((event) => event.type)
}
