import { Stripe } from 'stripe'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createStripeControl } from './control.ts'
import type { TimelineEntry } from './control-types.ts'
import { startTestStripe, type TestStripe, tenCredits, typesOf, WEBHOOK_SECRET } from './test-support.ts'

let stripe: TestStripe
beforeEach(async () => {
  stripe = await startTestStripe()
  await stripe.world.setWebhookRetries({ firstDelayMs: 5, maxDelayMs: 10 })
})
afterEach(() => stripe.close())

/** So many events in a known order. */
async function emit(count: number): Promise<string[]> {
  const names: string[] = []
  for (let index = 0; index < count; index += 1) {
    const { id } = await stripe.sdk.customers.create({ name: `c${index}` })
    names.push(id)
  }
  return names
}
const arrived = () => stripe.received.map(({ event }) => (event.data.object as { id: string }).id)

describe('a webhook', () => {
  test('is signed over its raw body and complete', async () => {
    const session = await stripe.sdk.checkout.sessions.create(tenCredits)
    await stripe.world.paySession({ sessionId: session.id })
    await stripe.world.waitForDelivery({ eventType: 'checkout.session.completed' })
    const last = stripe.received.find(({ event }) => event.type === 'checkout.session.completed')
    expect(last?.event).toMatchObject({
      id: expect.stringMatching(/^evt_/),
      object: 'event',
      api_version: '2026-10-28.endive',
      livemode: false,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: null },
      data: { object: { id: session.id, payment_status: 'paid', metadata: { order_id: 'order-1' } } },
    })
    const verify = new Stripe('sk_test_x').webhooks
    const [payload, signature] = [last?.payload ?? '', last?.signature ?? '']
    expect(() => verify.constructEvent(`${payload} `, signature, WEBHOOK_SECRET)).toThrow('No signatures found')
    expect(() => verify.constructEvent(payload, signature, 'whsec_other')).toThrow('No signatures found')
  })

  test('that fails is tried again with the same id and a fresh signature until it is taken', async () => {
    await stripe.world.setWebhookRetries({ firstDelayMs: 1100, maxDelayMs: 1100 })
    stripe.answers.push(500)
    const [id] = await emit(1)
    await stripe.world.waitForDelivery({ eventType: 'customer.created' })
    expect(arrived()).toEqual([id, id])
    const [first, second] = stripe.received
    expect(first?.event.id).toBe(second?.event.id)
    expect(first?.signature).not.toBe(second?.signature)
    const deliveries = await stripe.world.listDeliveries()
    expect(deliveries.map(({ attempt, state, status }) => ({ attempt, state, status }))).toEqual([
      { attempt: 1, state: 'failed', status: 500 },
      { attempt: 2, state: 'delivered', status: 200 },
    ])
  })

  test('is given up after the last try and stays undelivered in the events list', async () => {
    await stripe.world.setWebhookRetries({ maxTries: 3 })
    stripe.answers.push(500, 302, 404)
    await emit(1)
    await stripe.world.waitForIdleWebhooks()
    expect(stripe.received).toHaveLength(3)
    const { data } = await stripe.sdk.events.list({ delivery_success: false })
    expect(data).toMatchObject([{ type: 'customer.created', pending_webhooks: 1 }])
  })

  test('carries the version of its endpoint, whatever the SDK speaks', async () => {
    await stripe.world.setWebhook({ url: stripe.webhookUrl, secret: WEBHOOK_SECRET, apiVersion: '2024-06-20' })
    await emit(1)
    await stripe.world.waitForDelivery({ eventType: 'customer.created' })
    expect(stripe.received[0]?.event.api_version).toBe('2024-06-20')
  })

  test('goes only to endpoints that asked for its type, each with its own secret', async () => {
    await stripe.world.removeWebhooks()
    const endpoint = await stripe.sdk.webhookEndpoints.create({
      url: stripe.webhookUrl,
      enabled_events: ['product.created'],
    })
    expect(endpoint.secret).toMatch(/^whsec_/)
    await stripe.sdk.customers.create()
    expect((await stripe.world.listDeliveries()).length).toBe(0)
    expect((await stripe.sdk.webhookEndpoints.list()).data[0]?.secret).toBeUndefined()
  })

  test('can be held back and released in another order', async () => {
    await stripe.world.pauseWebhooks()
    const ids = await emit(4)
    expect(stripe.received).toEqual([])
    expect(await stripe.world.resumeWebhooks({ order: 'reversed' })).toEqual({ released: 4 })
    await stripe.world.waitForIdleWebhooks()
    expect(new Set(arrived())).toEqual(new Set(ids))
    await stripe.world.pauseWebhooks()
    await emit(3)
    await stripe.world.resumeWebhooks({ order: 'shuffled' })
    await stripe.world.waitForIdleWebhooks()
    expect(stripe.received).toHaveLength(7)
  })

  test('can arrive doubled, late and out of order, and only for some types', async () => {
    await stripe.world.setWebhookFaults({ copies: 3, delayMs: 5, shuffleWithinMs: 30, types: ['customer.created'] })
    const ids = await emit(5)
    await stripe.sdk.products.create({ name: 'x' })
    await stripe.world.waitForIdleWebhooks()
    for (const id of ids) expect(arrived().filter((seen) => seen === id)).toHaveLength(3)
    expect((await typesOf(stripe)).filter((type) => type === 'product.created')).toHaveLength(1)
  })

  test('can be lost, and is found in the events list', async () => {
    await stripe.world.setWebhookFaults({ drop: 1 })
    const [lost, kept] = await emit(2)
    await stripe.world.waitForIdleWebhooks()
    expect(arrived()).toEqual([kept])
    const { data } = await stripe.sdk.events.list({ delivery_success: false })
    expect(data.map((event) => (event.data.object as { id: string }).id)).toEqual([lost])
    const again = await stripe.world.redeliver({ eventId: String(data[0]?.id), times: 2 })
    expect(again).toMatchObject([{ state: 'delivered' }, { state: 'delivered' }])
    expect(arrived().filter((id) => id === lost)).toHaveLength(2)
  })

  test('to nobody is a failed delivery, not a crash', async () => {
    await stripe.world.setWebhookRetries({ maxTries: 1 })
    await stripe.world.setWebhook({ url: 'http://127.0.0.1:1/', secret: WEBHOOK_SECRET })
    await emit(1)
    expect(await stripe.world.waitForDelivery({ state: 'failed' })).toMatchObject({
      status: null,
      error: expect.any(String),
    })
  })
})

describe('control over HTTP', () => {
  test('does what the same verbs do in process', async () => {
    const control = createStripeControl(stripe.url)
    const session = await stripe.sdk.checkout.sessions.create(tenCredits)
    const waiting = control.waitForSession({ sessionId: session.id, paymentStatus: 'paid' })
    const result = await control.paySession({ sessionId: session.id })
    expect(result.status).toBe('complete')
    expect((await waiting).payment_status).toBe('paid')
    await control.waitForIdleWebhooks()
    expect(await control.listSessions({ status: 'complete' })).toHaveLength(1)
    expect(await control.listEvents({ type: 'checkout.session.completed' })).toHaveLength(1)
    await control.reset()
    expect(await control.listEvents()).toEqual([])
  })

  test('answers a mistake with a sentence', async () => {
    const control = createStripeControl(stripe.url)
    await expect(control.paySession({ sessionId: 'cs_none' })).rejects.toThrow("No such checkout.session: 'cs_none'")
    await expect(control.waitForEvent({ type: 'charge.failed', timeoutMs: 20 })).rejects.toThrow(
      'nothing within 20 ms: event charge.failed',
    )
    const unknown = await fetch(`${stripe.url}/control/toString`, { method: 'POST', body: '{}' })
    expect(unknown.status).toBe(404)
  })

  test('streams every request, event and delivery as it happens', async () => {
    const entries: TimelineEntry[] = []
    const stop = new AbortController()
    const reading = createStripeControl(stripe.url).readTimeline((entry) => {
      entries.push(entry)
    }, stop.signal)
    // Only what happens after the stream is open is told to it, so something has to happen until then.
    await expect
      .poll(async () => {
        await emit(1)
        return new Set(entries.map((entry) => entry.kind))
      })
      .toEqual(new Set(['request', 'event', 'delivery']))
    stop.abort()
    await reading
    expect(entries.find((entry) => entry.kind === 'request')).toMatchObject({
      method: 'POST',
      path: '/v1/customers',
      status: 200,
    })
  })
})
