import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import pino from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type StripeEventsWorker, startStripeEventsWorker } from '#bot/workers/stripe-events.ts'
import { type Listener, listen } from '#core/live/listen.ts'
import { openCheckout } from '#core/payments/checkout/open-checkout.ts'
import { reconcileOrders } from '#core/payments/checkout/reconcile-orders.ts'
import type { Order } from '#prisma'
import {
  clickPayLink,
  eventually,
  grantedOnce,
  newOrder,
  openShop,
  PUBLIC_URL,
  readBooks,
  type Shop,
  WEBHOOK_SECRET,
} from '#testing/payments/shop.ts'
import { landOnSuccess } from '#web/server/payments/checkout-state.ts'
import { receiveStripeWebhook } from '#web/server/payments/stripe-webhook.ts'

const log = pino({ level: 'silent' })

let shop: Shop
let door: Server
let workers: StripeEventsWorker[] = []
let listener: Listener

beforeEach(async () => {
  shop = await openShop()
  door = createServer((incoming, outgoing) => {
    void buffer(incoming)
      .then((body) => {
        const headers = { 'stripe-signature': String(incoming.headers['stripe-signature']) }
        return new Request(PUBLIC_URL, { method: 'POST', headers, body })
      })
      .then((request) =>
        receiveStripeWebhook(
          { sql: shop.database.pool, stripe: shop.sdk, webhookSecret: WEBHOOK_SECRET, log },
          request,
        ),
      )
      .then((response) => outgoing.writeHead(response.status).end())
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  const { port } = door.address() as AddressInfo
  await shop.world.setWebhook({ url: `http://127.0.0.1:${port}/`, secret: WEBHOOK_SECRET })
  listener = listen({
    connectionString: shop.database.url,
    on: { stripeEvents: () => workers.forEach((worker) => worker.wake()) },
    onError: () => undefined,
  })
})

afterEach(async () => {
  await shop.world.removeWebhooks()
  await listener.stop()
  await Promise.all(workers.map((worker) => worker.stop()))
  door.closeAllConnections()
  await new Promise((resolve) => door.close(resolve))
  await shop.close()
})

/** Two bots, as in an installation that must not stop. */
function startWorkers({ pollMs }: { pollMs: number }): void {
  const now = () => new Date()
  workers = [0, 1].map(() => startStripeEventsWorker({ db: shop.db, rail: shop.newRail(), log, now, pollMs }))
}

/** Everybody else who may notice a payment, again and again while the webhooks come in. */
async function everybodyElse(order: Order, sessionId: string): Promise<void> {
  const inAnHour = new Date(Date.now() + 3_600_000)
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([
      landOnSuccess(shop.db, shop.rail, { token: order.token, sessionId, now: new Date() }),
      reconcileOrders(shop.db, shop.rail, { now: inAnHour }),
      openCheckout(shop.db, shop.rail, { token: order.token, publicUrl: PUBLIC_URL, now: new Date() }),
    ])
  }
}

const openEvents = () => shop.db.stripeEvent.findMany({ where: { processedAt: null } })

test('one payment, fifty shuffled copies of each event, landing page, link and reconciler make one grant', async () => {
  startWorkers({ pollMs: 200 })
  const order = await newOrder(shop)
  const sessionId = await clickPayLink(shop, order)
  await shop.world.setWebhookFaults({ copies: 50, shuffleWithinMs: 1_000 })
  await shop.world.paySession({ sessionId })
  await Promise.all([
    shop.world.waitForIdleWebhooks({ timeoutMs: 45_000 }),
    ...[0, 1, 2].map(() => everybodyElse(order, sessionId)),
  ])
  await eventually(openEvents, (events) => events.length === 0)
  const deliveries = await shop.world.listDeliveries({ eventType: 'checkout.session.completed' })
  expect(deliveries.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(50)
  expect(await readBooks(shop, order)).toEqual(grantedOnce)
}, 60_000)

test('a stored event wakes the worker: nobody waits for its next look', async () => {
  startWorkers({ pollMs: 3_600_000 })
  const order = await newOrder(shop)
  await shop.world.paySession({ sessionId: await clickPayLink(shop, order) })
  await eventually(
    () => readBooks(shop, order),
    ({ state }) => state === 'granted',
  )
})

test('what piled up while nobody was there is worked off to its end in one go', async () => {
  const events = Array.from({ length: 150 }, (_, index) => ({ id: `evt_${index}`, type: 'climate.order.delivered' }))
  const unknown = { livemode: false, payload: {}, createdAt: new Date() }
  await shop.db.stripeEvent.createMany({ data: events.map((event) => ({ ...event, ...unknown })) })
  startWorkers({ pollMs: 3_600_000 })
  await eventually(openEvents, (open) => open.length === 0)
})

test('twenty buyers at once, with a Stripe that fails, dawdles and drops answers, each get what they paid', async () => {
  startWorkers({ pollMs: 200 })
  const orders = await Promise.all(Array.from({ length: 20 }, () => newOrder(shop)))
  const sessions = await Promise.all(orders.map((order) => clickPayLink(shop, order)))
  await shop.world.setWebhookFaults({ copies: 3, shuffleWithinMs: 500 })
  const path = '/v1/checkout/sessions'
  await shop.world.addApiFault({ kind: 'server_error', path, times: 10 })
  await shop.world.addApiFault({ kind: 'drop_after', path, times: 5 })
  await shop.world.addApiFault({ kind: 'slow', path, delayMs: 400, times: 5 })
  await shop.world.addApiFault({ kind: 'rate_limit', path, times: 5 })
  await Promise.all(sessions.map((sessionId) => shop.world.paySession({ sessionId })))
  await shop.world.waitForIdleWebhooks({ timeoutMs: 45_000 })
  await eventually(
    () => shop.db.order.count({ where: { state: 'granted' } }),
    (granted) => granted === 20,
  )
  const accounts = await shop.db.account.findMany()
  expect(accounts.map(({ paid, bonus, version }) => [paid, bonus, version])).toEqual(accounts.map(() => [10, 2, 2]))
  expect([accounts.length, await shop.db.payment.count()]).toEqual([20, 20])
}, 60_000)
