import { Stripe } from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBilling } from '#core/billing/billing-link.ts'
import { recordStripeEvent, stripeEventSchema } from '#core/payments/stripe-events/record-stripe-event.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { stripeClientOptions } from '#core/rails/stripe/stripe-client-options.ts'
import { createStripeRail } from '#core/rails/stripe/stripe-rail.ts'
import { openCardSetup } from '#core/recharge/open-card-setup.ts'
import { startStripe } from '#sandbox/stripe/server.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { type BotStage, eventually, startBotStage } from '#testing/bot-stage.ts'

const API_KEY = 'sk_test_x'

let stripe: Awaited<ReturnType<typeof startStripe>>
let stage: BotStage
let rail: PaymentRail

beforeAll(async () => {
  stripe = await startStripe({ apiKey: API_KEY })
  stage = await startBotStage({ hasProducts: true, stripeApiBase: stripe.url })
  rail = createStripeRail(new Stripe(API_KEY, stripeClientOptions(stripe.url)), { apiKey: API_KEY })
}, 60_000)
afterAll(async () => {
  await stage.close()
  await stripe.close()
})

const labels = (message: MessageView) => (message.buttons ?? []).flat().map(({ text }) => text)
const urlIn = (message: MessageView) => (message.buttons ?? []).flat().find(({ url }) => url)?.url ?? ''
const tokenIn = (message: MessageView) => urlIn(message).split('/').at(-1) ?? ''

const lastSaid = (userId: number, text: RegExp) =>
  eventually(
    () => stage.saidTo(userId).findLast((message) => text.test(message.text ?? '')),
    (message) => message !== undefined,
  ).then((message) => {
    if (!message) throw new Error('unreachable')
    return message
  })

/** Presses a button of the living message and answers what it shows then. */
async function press(message: MessageView, userId: number, label: string, shows: RegExp): Promise<MessageView> {
  await stage.tap(message, userId, { label })
  const shown = await lastSaid(userId, shows)
  expect(shown.messageId).toBe(message.messageId)
  return shown
}

/** Walks from the command to the agreement and answers the message that asks for the card. */
async function setUp(userId: number): Promise<MessageView> {
  stage.world.sendText({ userId, text: '/autorecharge' })
  let menu = await lastSaid(userId, /Which credits/)
  menu = await press(menu, userId, '$2.99 · 10 credits', /how many credits or fewer/)
  menu = await press(menu, userId, '5', /most that may be charged/)
  menu = await press(menu, userId, '$14.95', /without asking again/)
  return press(menu, userId, '✅ I agree', /One step is left/)
}

async function saveCard(message: MessageView): Promise<void> {
  const opened = await openCardSetup(stage.prisma, rail, {
    token: tokenIn(message),
    publicUrl: stage.publicUrl,
    now: new Date(),
  })
  expect(opened.status).toBe('redirect')
  const [session] = await stripe.world.listSessions({ status: 'open' })
  await stripe.world.paySession({ sessionId: session?.id ?? '' })
  await deliver()
}

async function deliver(): Promise<void> {
  for (const event of await stripe.world.listEvents()) {
    await recordStripeEvent(stage.db.pool, stripeEventSchema.parse(event))
  }
}

test('from the command over every choice, the consent and the card to credits bought by a message, once', async () => {
  const { id: userId } = await stage.newUser({ credits: 6 })
  const asksForCard = await setUp(userId)
  const consents = await stage.prisma.rechargeConsent.findMany({ where: { userId: BigInt(userId) } })
  expect(consents).toMatchObject([{ threshold: 5, priceMinor: 299, monthlyCapMinor: 1495, currency: 'usd' }])
  expect(consents[0]?.text).toMatch(/5 credits or fewer, 10 credits are bought for \$2\.99.*At most \$14\.95/s)
  await saveCard(asksForCard)
  await lastSaid(userId, /💳 Visa ending in 4242 is saved/)
  await stage.settle()
  stage.world.sendText({ userId, text: 'hello' })
  await lastSaid(userId, /Auto-recharge bought .+ for \$[\d.]+ with the card you saved/)
  await stage.settle()
  expect((await stage.accountOf(userId)).paid).toBe(15)
  expect(stage.saidTo(userId).filter(({ text }) => text?.includes('is saved'))).toHaveLength(1)
  expect(await stripe.world.listCharges()).toMatchObject([{ amount: 299, status: 'succeeded' }])
  stage.world.sendText({ userId, text: '/autorecharge' })
  const status = await lastSaid(userId, /Auto-recharge is on/)
  expect(status.text).toContain('$2.99 so far')
  expect(labels(status)).toEqual(['Change', 'Turn off'])
})

test('is off at once by the command, and the link to save a card leads nowhere then', async () => {
  const { id: userId } = await stage.newUser({ credits: 6 })
  const token = tokenIn(await setUp(userId))
  stage.world.sendText({ userId, text: '/autorecharge off' })
  await lastSaid(userId, /Auto-recharge is off/)
  const now = new Date()
  expect(await openCardSetup(stage.prisma, rail, { token, publicUrl: stage.publicUrl, now })).toEqual({ status: 'off' })
})

test('a consent is taken only in the words of today: after a change of price it is shown anew', async () => {
  const { id: userId } = await stage.newUser({ credits: 6 })
  stage.world.sendText({ userId, text: '/autorecharge' })
  let menu = await lastSaid(userId, /Which credits/)
  menu = await press(menu, userId, '$5.99 · 25 credits', /how many credits or fewer/)
  menu = await press(menu, userId, '10', /most that may be charged/)
  menu = await press(menu, userId, '$29.95', /for \$5\.99/)
  await stage.prisma.product.updateMany({ where: { amount: 25 }, data: { priceMinor: 649 } })
  menu = await press(menu, userId, '✅ I agree', /for \$6\.49/)
  expect(await stage.prisma.rechargeConsent.count({ where: { userId: BigInt(userId) } })).toBe(0)
  await press(menu, userId, '✅ I agree', /One step is left/)
  expect(await stage.prisma.rechargeConsent.findFirst({ where: { userId: BigInt(userId) } })).toMatchObject({
    priceMinor: 649,
    text: menu.text,
  })
})

test.each(['r1:p:999999', 'r1:t:1:7', 'r1:c:1:5:3', 'r1:y:1:5:999', 'r1:y:999999:5:5', 'r1:y:1:1000:5'])(
  'what no button offers (%s) agrees to nothing',
  async (data) => {
    const { id: userId } = await stage.newUser({ credits: 6 })
    stage.world.sendText({ userId, text: '/autorecharge' })
    const menu = await lastSaid(userId, /Which credits/)
    await stage.tap(menu, userId, { data })
    await stage.settle()
    expect(await stage.prisma.rechargeConsent.count({ where: { userId: BigInt(userId) } })).toBe(0)
    expect(await stage.prisma.rechargePlan.count({ where: { userId: BigInt(userId) } })).toBe(0)
  },
)

test('billing opens a fresh page at each click, and before the first purchase offers products', async () => {
  const { id: userId } = await stage.newUser({ credits: 6 })
  stage.world.sendText({ userId, text: '/billing' })
  expect(labels(await lastSaid(userId, /nothing to show/)).length).toBeGreaterThan(3)
  await saveCard(await setUp(userId))
  await lastSaid(userId, /is saved/)
  stage.world.sendText({ userId, text: '/billing' })
  const token = tokenIn(await lastSaid(userId, /receipts and saved cards/))
  const open = (now = new Date()) => openBilling(stage.prisma, rail, { token, returnUrl: stage.publicUrl, now })
  const [one, two] = [await open(), await open()]
  expect([one.status, two.status]).toEqual(['redirect', 'redirect'])
  expect(one).not.toEqual(two)
  expect(await open(new Date(Date.now() + 8 * 24 * 3_600_000))).toEqual({ status: 'expired' })
})
