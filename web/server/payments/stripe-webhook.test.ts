import pino from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { newOrder, openShop, payOrder, type Shop, WEBHOOK_SECRET } from '#testing/payments/shop.ts'
import { receiveStripeWebhook } from '#web/server/payments/stripe-webhook.ts'

let shop: Shop
let payload: string
beforeAll(async () => {
  shop = await openShop()
  await payOrder(shop, await newOrder(shop))
  const [event] = await shop.world.listEvents({ type: 'checkout.session.completed' })
  payload = JSON.stringify(event)
})
afterAll(() => shop.close())
beforeEach(() => shop.db.stripeEvent.deleteMany())

const log = pino({ level: 'silent' })
const nowSeconds = () => Math.floor(Date.now() / 1000)

function sign(body: string, { secret = WEBHOOK_SECRET, timestamp = nowSeconds() } = {}): string {
  return shop.sdk.webhooks.generateTestHeaderString({ payload: body, secret, timestamp })
}

function send(body: string | ReadableStream, signature: string | null, sql = shop.database.pool): Promise<Response> {
  const headers = new Headers({ 'content-type': 'application/json' })
  if (signature !== null) headers.set('stripe-signature', signature)
  const request = new Request('https://shop.test/api/stripe/webhook', {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  } as RequestInit)
  return receiveStripeWebhook({ sql, stripe: shop.sdk, webhookSecret: WEBHOOK_SECRET, log }, request)
}

const stored = () => shop.db.stripeEvent.findMany()

test('a signed event is kept with its payload, and the sender is told at once', async () => {
  const response = await send(payload, sign(payload))
  expect(response.status).toBe(200)
  const [event] = await stored()
  expect(event).toMatchObject({ type: 'checkout.session.completed', livemode: false, processedAt: null })
  expect(event?.payload).toEqual(JSON.parse(payload))
})

test('the same event ten times at once is kept once, and each time acknowledged', async () => {
  const responses = await Promise.all(Array.from({ length: 10 }, () => send(payload, sign(payload))))
  expect(responses.map(({ status }) => status)).toEqual(Array(10).fill(200))
  expect(await stored()).toHaveLength(1)
})

test('an event of a type and a version we do not know is kept', async () => {
  const body = payload
    .replace('checkout.session.completed', 'climate.order.delivered')
    .replace(/"api_version":"[^"]*"/, '"api_version":"2011-01-01"')
  expect((await send(body, sign(body))).status).toBe(200)
  expect(await stored()).toMatchObject([{ type: 'climate.order.delivered', apiVersion: '2011-01-01' }])
})

test('the secret may have been rotated: one of several signatures is enough', async () => {
  const [time, ours] = sign(payload).split(',')
  const theirs = sign(payload, { secret: 'whsec_old' }).split(',')[1]
  expect((await send(payload, `${time},${theirs},${ours}`)).status).toBe(200)
})

test.each<[string, () => [string, string | null]]>([
  ['without a signature', () => [payload, null]],
  ['with an empty signature', () => [payload, '']],
  ['with nonsense for a signature', () => [payload, 'let me in']],
  ['signed with another secret', () => [payload, sign(payload, { secret: 'whsec_guess' })]],
  ['signed 301 seconds ago', () => [payload, sign(payload, { timestamp: nowSeconds() - 301 })]],
  ['with one character changed', () => [payload.replace('"usd"', '"usD"'), sign(payload)]],
  ['parsed and written anew', () => [JSON.stringify(JSON.parse(payload), null, 2), sign(payload)]],
  ['with an empty body', () => ['', sign(payload)]],
  ['signed, but no JSON', () => ['<xml/>', sign('<xml/>')]],
  ['signed, but no event', () => ['{"id":"x"}', sign('{"id":"x"}')]],
  ['larger than any event', () => ['x'.repeat(2_000_000), sign('x')]],
])('a call %s is refused with 400 and nothing is kept', async (_what, make) => {
  const response = await send(...make())
  expect(response.status).toBe(400)
  expect(await stored()).toEqual([])
})

test('a signature of 299 seconds ago still counts', async () => {
  expect((await send(payload, sign(payload, { timestamp: nowSeconds() - 299 }))).status).toBe(200)
})

test('when the event cannot be kept the sender is asked to come again', async () => {
  const broken = await openShop()
  await broken.database.pool.query('ALTER TABLE stripe_events RENAME TO stripe_events_elsewhere')
  const response = await send(payload, sign(payload), broken.database.pool)
  expect(response.status).toBe(500)
  await broken.database.pool.query('ALTER TABLE stripe_events_elsewhere RENAME TO stripe_events')
  expect((await send(payload, sign(payload), broken.database.pool)).status).toBe(200)
  await broken.close()
})
