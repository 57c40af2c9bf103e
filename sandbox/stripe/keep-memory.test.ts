import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { API_KEY, monthly, startTestStripe, type TestStripe, tenCredits, typesOf } from './test-support.ts'

const START = Date.UTC(2026, 0, 1)
const DAY = 86_400

let folder: string
let stripe: TestStripe
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stripe-memory-'))
  stripe = await start()
})
afterEach(async () => {
  await stripe.close()
  rmSync(folder, { recursive: true })
})

const start = () => startTestStripe({ memoryFile: join(folder, 'memory.bin'), clock: () => START })
const advance = (seconds: number) => stripe.world.advanceClock({ seconds })

async function startAgain(): Promise<void> {
  await stripe.close()
  stripe = await start()
}

async function pay(): Promise<{ sessionId: string; intent: string; customer: string }> {
  const { id } = await stripe.sdk.checkout.sessions.create({
    ...tenCredits,
    customer_creation: 'always',
    payment_intent_data: { setup_future_usage: 'off_session' },
  })
  const { session } = await stripe.world.paySession({ sessionId: id })
  return { sessionId: id, intent: String(session.payment_intent), customer: String(session.customer) }
}

test('after a restart what was paid can be given back, and the card that was saved can be charged', async () => {
  const { sessionId, intent, customer } = await pay()
  await startAgain()
  expect(await stripe.sdk.checkout.sessions.retrieve(sessionId)).toMatchObject({ payment_status: 'paid' })
  expect(await stripe.sdk.refunds.create({ payment_intent: intent })).toMatchObject({ status: 'succeeded' })
  const [card] = (await stripe.sdk.paymentMethods.list({ customer, type: 'card' })).data
  const charged = await stripe.sdk.paymentIntents.create({
    amount: 500,
    currency: 'usd',
    customer,
    payment_method: card?.id ?? 'none',
    off_session: true,
    confirm: true,
  })
  expect(charged.status).toBe('succeeded')
})

test('a subscription goes on: it renews, and a card that fails is tried again', async () => {
  const { id } = await stripe.sdk.checkout.sessions.create(monthly)
  const { session } = await stripe.world.paySession({ sessionId: id })
  await startAgain()
  await advance(31 * DAY)
  // The draft of the renewal outlives a restart, too.
  await startAgain()
  await advance(2 * 3_600)
  const paid = async () =>
    (await stripe.sdk.invoices.list({ subscription: String(session.subscription), status: 'paid' })).data.length
  expect(await paid()).toBe(2)
  await stripe.world.waitForIdleWebhooks()
  expect(await typesOf(stripe)).toContain('invoice.paid')

  const [card] = (await stripe.sdk.paymentMethods.list({ customer: String(session.customer), type: 'card' })).data
  await stripe.world.setSavedCardBehaviour({ paymentMethodId: card?.id ?? '', behaviour: 'insufficient_funds' })
  await advance(28 * DAY)
  expect(await stripe.sdk.subscriptions.retrieve(String(session.subscription))).toMatchObject({ status: 'past_due' })
  await stripe.world.setSavedCardBehaviour({ paymentMethodId: card?.id ?? '', behaviour: 'succeeds' })
  await startAgain()
  await advance(4 * DAY)
  expect(await paid()).toBe(3)
})

test('a checkout that was left open expires at its time', async () => {
  const { id } = await stripe.sdk.checkout.sessions.create(tenCredits)
  await startAgain()
  await advance(25 * 3_600)
  expect(await stripe.sdk.checkout.sessions.retrieve(id)).toMatchObject({ status: 'expired' })
})

test('another account begins with nothing', async () => {
  const { sessionId } = await pay()
  await stripe.close()
  stripe = await startTestStripe({ memoryFile: join(folder, 'memory.bin'), apiKey: `${API_KEY}2` })
  const asked = stripe.newClient({ apiKey: `${API_KEY}2` }).checkout.sessions.retrieve(sessionId)
  await expect(asked).rejects.toThrow('No such checkout')
})
