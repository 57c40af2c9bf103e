import { Stripe } from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCheckout } from '#core/payments/checkout/open-checkout.ts'
import { placeOrder } from '#core/payments/checkout/place-order.ts'
import { settleCheckoutSession } from '#core/payments/checkout/settle-checkout-session.ts'
import { stripeClientOptions } from '#core/rails/stripe/stripe-client-options.ts'
import { createStripeRail } from '#core/rails/stripe/stripe-rail.ts'
import type { StripeStandIn } from '#sandbox/stripe/control-types.ts'
import { startStripe } from '#sandbox/stripe/server.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { type BotStage, startBotStage } from '#testing/bot-stage.ts'

const API_KEY = 'sk_test_x'

let stripe: StripeStandIn
let stage: BotStage
beforeAll(async () => {
  stripe = await startStripe({ apiKey: API_KEY })
  stage = await startBotStage({ hasProducts: true, stripeApiBase: stripe.url })
})
afterAll(async () => {
  await stage.close()
  await stripe.close()
})

/** Somebody with an open conversation who bought ten credits for money. */
async function newBuyer() {
  const open = await stage.newConversation({ credits: 5 })
  const { prisma } = stage
  const client = new Stripe(API_KEY, stripeClientOptions(stripe.url))
  const rail = createStripeRail(client, { apiKey: API_KEY })
  const product = await prisma.product.findFirstOrThrow({ where: { kind: 'credits', amount: 10 } })
  const now = new Date()
  const placed = await placeOrder(prisma, { userId: BigInt(open.user.id), productId: product.id, now })
  if (placed.status !== 'placed') throw new Error(placed.status)
  await openCheckout(prisma, rail, { token: placed.order.token, publicUrl: stage.publicUrl, now })
  const { checkoutSessionId } = await prisma.order.findUniqueOrThrow({ where: { id: placed.order.id } })
  const sessionId = checkoutSessionId ?? ''
  await stripe.world.paySession({ sessionId })
  await settleCheckoutSession(prisma, rail, { sessionId, now })
  await stage.settle()
  return {
    ...open,
    refunds: async () => (await client.refunds.list({ limit: 100 })).data.filter((each) => each.status === 'succeeded'),
  }
}

type Buyer = Awaited<ReturnType<typeof newBuyer>>

/** Asks for help with the only payment, up to the question that the bot puts. */
async function askFor({ user }: Buyer) {
  const { message_id: afterMessageId } = stage.world.sendText({ userId: user.id, text: '/paysupport' })
  const list = await stage.world.waitForMessage({ chatId: user.id, text: 'Which payment is it about?', afterMessageId })
  const { id } = await stage.prisma.payment.findFirstOrThrow({ where: { userId: BigInt(user.id) } })
  await stage.tap(list, user.id, { data: `ps1:${id}` })
  const text = /^What is wrong with 10 credits.*Reply to this message/
  return stage.world.waitForMessage({ chatId: user.id, text, afterMessageId })
}

const caseIn = ({ threadId }: Buyer) =>
  stage.world.waitForMessage({ chatId: stage.groupId, threadId, text: /Asks about a payment/, fromBot: true })
const inTopic = ({ threadId }: Buyer, text: string | RegExp) =>
  stage.world.waitForMessage({ chatId: stage.groupId, threadId, text, fromBot: true })
const labelsOf = ({ buttons = [] }: MessageView) => buttons.flat().map((button) => button?.text)
const answerTo = (question: { messageId: number }, { user }: Buyer, text: string) =>
  stage.world.sendText({ userId: user.id, text, replyTo: question.messageId })

test('whoever taps the link in the question is asked again', async () => {
  const buyer = await newBuyer()
  const { messageId: afterMessageId, entities } = await askFor(buyer)
  const url = String(entities?.find(({ type }) => type === 'text_link')?.url)
  stage.world.sendText({ userId: buyer.user.id, text: `/start ${new URL(url).searchParams.get('start')}` })
  await stage.world.waitForMessage({ chatId: buyer.user.id, text: /^What is wrong with 10 credits/, afterMessageId })
})

test('an answer to the question costs nothing, is not relayed, and reaches the team with its buttons', async () => {
  const buyer = await newBuyer()
  const before = await stage.accountOf(buyer.user.id)
  answerTo(await askFor(buyer), buyer, 'I <b>paid</b> twice')
  await stage.world.waitForMessage({ chatId: buyer.user.id, text: 'Thank you, the team has it.' })
  const shown = await caseIn(buyer)
  expect(shown.text).toMatch(/^🧾 Asks about a payment: .+\nI <b>paid<\/b> twice$/)
  expect(labelsOf(shown)).toEqual(['↩️ Refund', 'Decline'])
  await stage.world.waitForMessage({ chatId: stage.owner.id, text: /A user asks for help with a payment/ })
  await stage.settle()
  expect(await stage.accountOf(buyer.user.id)).toEqual(before)
  expect(await stage.messagesOf(buyer.user.id)).toHaveLength(1)
})

test('a question reaches the team though its topic was deleted by hand', async () => {
  const buyer = await newBuyer()
  const question = await askFor(buyer)
  stage.world.deleteTopic({ chatId: stage.groupId, threadId: buyer.threadId })
  answerTo(question, buyer, 'Where is it?')
  const text = /Asks about a payment: .+\nWhere is it\?$/
  const shown = await stage.world.waitForMessage({ chatId: stage.groupId, text, fromBot: true })
  expect(labelsOf(shown)).toEqual(['↩️ Refund', 'Decline'])
  const topics = stage.world.listTopics({ chatId: stage.groupId })
  expect(topics.find(({ threadId }) => threadId === shown.threadId)?.name).toContain(String(buyer.user.id))
})

test('a refund takes two taps of an admin, and the user is told', async () => {
  const buyer = await newBuyer()
  answerTo(await askFor(buyer), buyer, 'It does not work')
  const shown = await caseIn(buyer)
  const agent = await stage.newMember('agent')
  expect((await stage.tap(shown, agent.id, { label: '↩️ Refund' })).text).toBe("Your role doesn't allow this.")
  await stage.tap(shown, stage.owner.id, { label: '↩️ Refund' })
  const { id } = await stage.prisma.supportCase.findFirstOrThrow({ where: { userId: BigInt(buyer.user.id) } })
  expect((await stage.tap(shown, agent.id, { data: `pc1:yes:${id}` })).text).toBe("Your role doesn't allow this.")
  const before = (await buyer.refunds()).length
  const admin = await stage.newMember('admin')
  await Promise.all([
    stage.tap(shown, stage.owner.id, { data: `pc1:yes:${id}` }),
    stage.tap(shown, admin.id, { data: `pc1:yes:${id}` }),
  ])
  await inTopic(buyer, /^↩️ \p{L}+ gave the money back\.$/u)
  await stage.world.waitForMessage({ chatId: buyer.user.id, text: /went back to you/ })
  await stage.settle()
  expect((await buyer.refunds()).length - before).toBe(1)
  expect(await stage.accountOf(buyer.user.id)).toMatchObject({ paid: 4, debt: 0 })
})

test('a refund that Stripe refuses asks the team again, by a new message that has the buttons', async () => {
  const buyer = await newBuyer()
  answerTo(await askFor(buyer), buyer, 'It does not work')
  const shown = await caseIn(buyer)
  const { sessionId } = await stage.prisma.payment.findFirstOrThrow({ where: { userId: BigInt(buyer.user.id) } })
  await stripe.world.createDispute({ sessionId: sessionId ?? '' })
  const { id } = await stage.prisma.supportCase.findFirstOrThrow({ where: { userId: BigInt(buyer.user.id) } })
  await stage.tap(shown, stage.owner.id, { data: `pc1:yes:${id}` })
  await inTopic(buyer, /^The money could not be given back/)
  const { messageId: afterMessageId } = shown
  const again = await stage.world.waitForMessage({
    chatId: stage.groupId,
    threadId: buyer.threadId,
    text: /Asks about a payment/,
    afterMessageId,
  })
  expect(labelsOf(again)).toEqual(['↩️ Refund', 'Decline'])
  await stage.settle()
  const messages = stage.world.listMessages({ chatId: stage.groupId, threadId: buyer.threadId })
  expect(messages.find(({ messageId }) => messageId === shown.messageId)?.buttons ?? []).toEqual([])
})

test('declining asks for the reason, which the user reads and nobody else sees as an answer', async () => {
  const buyer = await newBuyer()
  answerTo(await askFor(buyer), buyer, 'I changed my mind')
  await stage.tap(await caseIn(buyer), stage.owner.id, { label: 'Decline' })
  await inTopic(buyer, /^Why\? The user will read/)
  stage.world.sendText({
    userId: stage.owner.id,
    chatId: stage.groupId,
    threadId: buyer.threadId,
    text: 'It was used up',
  })
  await inTopic(buyer, /declined it, and the user was told why/)
  await stage.world.waitForMessage({ chatId: buyer.user.id, text: /does not give it back\.\nIt was used up/ })
  await stage.settle()
  expect(stage.saidTo(buyer.user.id).filter(({ text }) => text?.includes('It was used up'))).toHaveLength(1)
  expect(await stage.prisma.supportCase.findFirst({ where: { userId: BigInt(buyer.user.id) } })).toMatchObject({
    state: 'declined',
    reason: 'It was used up',
  })
})

test('a reply to anything else the bot said is an ordinary message', async () => {
  const buyer = await newBuyer()
  await askFor(buyer)
  const [other] = stage.saidTo(buyer.user.id)
  if (!other) throw new Error('the bot said nothing')
  answerTo(other, buyer, 'what is that?')
  await stage.settle()
  expect(await stage.messagesOf(buyer.user.id)).toHaveLength(2)
})

test('somebody who never paid is told so', async () => {
  const user = await stage.newUser()
  stage.world.sendText({ userId: user.id, text: '/paysupport' })
  await stage.world.waitForMessage({ chatId: user.id, text: /There is no payment/ })
})
