import { Stripe } from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCheckout } from '#core/payments/checkout/open-checkout.ts'
import { recordStripeEvent, stripeEventSchema } from '#core/payments/stripe-events/record-stripe-event.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { stripeClientOptions } from '#core/rails/stripe/stripe-client-options.ts'
import { createStripeRail } from '#core/rails/stripe/stripe-rail.ts'
import type { SavedCardBehaviour } from '#sandbox/stripe/control-types.ts'
import { startStripe } from '#sandbox/stripe/server.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { type BotStage, eventually, startBotStage } from '#testing/bot-stage.ts'

const API_KEY = 'sk_test_x'
const DAY_SECONDS = 86_400

let stripe: Awaited<ReturnType<typeof startStripe>>
let stage: BotStage
let rail: PaymentRail

beforeAll(async () => {
  stripe = await startStripe({ apiKey: API_KEY })
  stage = await startBotStage({ stripeApiBase: stripe.url })
  rail = createStripeRail(new Stripe(API_KEY, stripeClientOptions(stripe.url)), { apiKey: API_KEY })
  const monthly = { kind: 'subscription', gives: 'credits', currency: 'usd' } as const
  await stage.prisma.product.createMany({
    data: [
      { ...monthly, label: 'Thirty a month', amount: 30, priceMinor: 900, quickBuy: 30 },
      { ...monthly, label: 'Eighty a month', amount: 80, priceMinor: 2000, quickBuy: 80 },
    ],
  })
}, 60_000)
afterAll(async () => {
  await stage.close()
  await stripe.close()
})

const write = (userId: number, text: string) => stage.world.sendText({ userId, text })
const buttonsOf = (message: MessageView) => (message.buttons ?? []).flat()
const labels = (message: MessageView) => buttonsOf(message).map(({ text }) => text)
const said = (userId: number, text: RegExp) =>
  stage.world.waitForMessage({ chatId: userId, fromBot: true, where: (message) => text.test(message.text ?? '') })

/** Presses a button of the living message and answers what it shows then. */
async function press(message: MessageView, userId: number, label: string, shows: RegExp): Promise<MessageView> {
  await stage.tap(message, userId, { label })
  return eventually(
    () => stage.world.getMessage({ chatId: userId, messageId: message.messageId }) ?? message,
    ({ text }) => shows.test(text ?? ''),
  )
}

/** What Stripe's webhooks would say; the running bot works on it. */
async function deliver(): Promise<void> {
  for (const event of await stripe.world.listEvents()) {
    await recordStripeEvent(stage.db.pool, stripeEventSchema.parse(event))
  }
  await eventually(
    () => stage.prisma.stripeEvent.count({ where: { processedAt: null } }),
    (open) => open === 0,
  )
}

/** Buys thirty credits a month in the chat and at Stripe. */
async function subscribe(savedCard: SavedCardBehaviour = 'succeeds'): Promise<number> {
  const { id: userId } = await stage.newUser({ credits: 0 })
  write(userId, '/buy30')
  const offer = await said(userId, /Thirty a month/)
  const url = buttonsOf(offer).find(({ text }) => text === 'Subscribe · $9.00 a month')?.url ?? ''
  const token = url.split('/').at(-1) ?? ''
  const opened = await openCheckout(stage.prisma, rail, { token, publicUrl: stage.publicUrl, now: new Date() })
  expect(opened.status).toBe('redirect')
  const { checkoutSessionId } = await stage.prisma.order.findUniqueOrThrow({ where: { token } })
  await stripe.world.paySession({ sessionId: checkoutSessionId ?? '', savedCard })
  await deliver()
  await said(userId, /has begun/)
  return userId
}

const renewsOn = async (userId: number) => {
  const { currentPeriodEnd } = await stage.prisma.subscription.findFirstOrThrow({ where: { userId: BigInt(userId) } })
  return (currentPeriodEnd ?? new Date(0)).toLocaleDateString('en', { month: 'short', day: 'numeric', year: 'numeric' })
}

test('whoever has none is told so and led to what renews, and to nothing else of the shop', async () => {
  const { id: userId } = await stage.newUser()
  const credits = { kind: 'credits', label: 'Ten credits', amount: 10, priceMinor: 300, currency: 'usd' } as const
  const once = await stage.prisma.product.create({ data: credits })
  write(userId, '/subscription')
  const none = await said(userId, /You have no subscription/)
  const shop = await press(none, userId, '🛒 See what there is', /These renew each month/)
  expect(labels(shop)).toEqual(['$9.00 · Thirty a month', '$20.00 · Eighty a month', '✖️ Close'])
  const offer = await press(shop, userId, '$9.00 · Thirty a month', /Renews by itself/)
  expect(offer.text).toContain('$9.00 a month. Renews by itself; /subscription ends it at any time.')
  expect(labels(offer)).toContain('Subscribe · $9.00 a month')
  await stage.prisma.product.delete({ where: { id: once.id } })
})

test('whoever has none while nothing renews is not led anywhere', async () => {
  const { id: userId } = await stage.newUser()
  await stage.prisma.product.updateMany({ data: { active: false } })
  write(userId, '/subscription')
  expect(labels(await said(userId, /You have no subscription/))).toEqual([])
  await stage.prisma.product.updateMany({ data: { active: true } })
})

test('a subscriber sees when it renews, ends it after being asked, sees the day, and keeps it after all', async () => {
  const userId = await subscribe()
  const day = await renewsOn(userId)
  write(userId, '/subscription')
  const menu = await said(userId, /\$9\.00\. It renews on/)
  expect(menu.text).toContain(`Thirty a month, $9.00. It renews on ${day}`)
  expect(buttonsOf(menu).at(-1)?.url).toContain('/checkout/billing/')
  const asked = await press(menu, userId, 'Cancel', /^End Thirty a month/)
  await press(asked, userId, '◀️ Back', /It renews on/)
  await press(menu, userId, 'Cancel', /^End Thirty a month/)
  const ending = await press(menu, userId, 'Yes, end it then', /ends on/)
  expect(ending.text).toContain(`ends on ${day}`)
  const [subscription] = await stripe.world.listSubscriptions({ status: 'active' })
  expect(subscription).toMatchObject({ cancel_at_period_end: true })
  const kept = await press(ending, userId, 'Keep it', /It renews on/)
  expect(labels(kept)).toEqual(['Cancel', 'Change plan', '💳 Card and bills'])
})

test('another plan is chosen by a press and costs from the next month on', async () => {
  const userId = await subscribe()
  write(userId, '/subscription')
  const menu = await said(userId, /\$9\.00\. It renews on/)
  await press(menu, userId, 'Change plan', /instead of Thirty a month/)
  const changed = await press(menu, userId, '$20.00 · Eighty a month', /Eighty a month, \$20\.00/)
  expect(labels(changed)).toContain('Change plan')
  expect((await stage.accountOf(userId)).paid).toBe(30)
})

test('buying again what one has leads to it', async () => {
  const userId = await subscribe()
  write(userId, '/buy30')
  await said(userId, /Thirty a month, \$9\.00\. It renews on/)
})

test('a renewal that fails is told with the way to another card', async () => {
  const userId = await subscribe('declined')
  await stripe.world.advanceClock({ seconds: 32 * DAY_SECONDS })
  await deliver()
  const failed = await said(userId, /\$9\.00 for Thirty a month could not be charged/)
  expect(failed.text).toContain('It is tried again on')
  const menu = await press(failed, userId, '🔁 My subscription', /Give another card/)
  expect(buttonsOf(menu).find(({ text }) => text === '💳 Card and bills')?.url).toContain('/checkout/billing/')
})

test('a button of somebody else’s subscription changes nothing', async () => {
  const mine = await subscribe()
  const theirs = await subscribe()
  write(mine, '/subscription')
  const menu = await said(mine, /\$9\.00\. It renews on/)
  const { id } = await stage.prisma.subscription.findFirstOrThrow({ where: { userId: BigInt(theirs) } })
  await stage.tap(menu, mine, { data: `u1:c:${id}` })
  await stage.settle()
  expect(await stage.prisma.subscription.findUniqueOrThrow({ where: { id } })).toMatchObject({
    cancelAtPeriodEnd: false,
  })
})

test('while Stripe does not answer, a press says so and changes nothing', async () => {
  const userId = await subscribe()
  write(userId, '/subscription')
  const menu = await said(userId, /\$9\.00\. It renews on/)
  await press(menu, userId, 'Cancel', /^End Thirty a month/)
  await stripe.world.addApiFault({ kind: 'server_error', status: 503, times: 20 })
  await stage.tap(menu, userId, { label: 'Yes, end it then' })
  await said(userId, /The payment service does not answer/)
  await stripe.world.clearApiFaults()
})
