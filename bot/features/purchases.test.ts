import { afterAll, beforeAll, expect, test } from 'vitest'
import { unlockForCredits } from '#core/content/unlock-for-credits.ts'
import { placeOrder } from '#core/payments/checkout/place-order.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { type BotStage, startBotStage } from '#testing/bot-stage.ts'
import { newContent } from '#testing/payments/content.ts'
import { giveMoneyBack } from '#testing/payments/granted-payment.ts'
import { payOrder } from '#testing/payments/pay-order.ts'

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage({ hasProducts: true })
})
afterAll(() => stage.close())

const labels = (message: MessageView) => (message.buttons ?? []).flat().map(({ text }) => text)

async function open(userId: number): Promise<MessageView> {
  stage.world.sendText({ userId, text: '/purchases' })
  return stage.world.waitForMessage({
    chatId: userId,
    fromBot: true,
    where: ({ text }) => /content|unlocked/.test(text ?? ''),
  })
}

/** Presses, and answers the message as it stands then. */
async function turn(message: MessageView, label: string): Promise<MessageView> {
  await stage.tap(message, message.chatId, { label })
  await stage.settle()
  const now = stage.world.getMessage({ chatId: message.chatId, messageId: message.messageId })
  if (!now) throw new Error('the list is gone')
  return now
}

async function buyCredits(userId: number) {
  const product = await stage.prisma.product.findFirstOrThrow({ where: { kind: 'credits', amount: 10 } })
  const outcome = await placeOrder(stage.prisma, { userId: BigInt(userId), productId: product.id, now: new Date() })
  if (outcome.status !== 'placed') throw new Error(`the order is ${outcome.status}`)
  await payOrder(stage.prisma, outcome.order)
  return outcome.order
}

test('all content is there, newest first, page by page in one message', async () => {
  const user = await stage.newUser({ credits: 1000 })
  for (let made = 0; made < 19; made++) {
    const { id } = await newContent(stage.prisma, { title: `Set ${made}` })
    await unlockForCredits(stage.prisma, {
      userId: BigInt(user.id),
      contentId: id,
      cost: 50,
      now: new Date(1000 * made),
    })
  }
  const shown: string[] = []
  let page = await open(user.id)
  for (;;) {
    shown.push(...labels(page).filter((label) => label.startsWith('▶️ Set')))
    if (!labels(page).includes('Older ▶️')) break
    page = await turn(page, 'Older ▶️')
  }
  expect(shown).toEqual(Array.from({ length: 19 }, (_, index) => `▶️ Set ${18 - index}`))
  expect(labels(await turn(page, '⏮ Newest'))[0]).toBe('▶️ Set 18')
})

async function refund(orderId: string, refundedMinor: number) {
  const { id: paymentId } = await stage.prisma.payment.findFirstOrThrow({ where: { orderId } })
  await giveMoneyBack(stage.prisma, { paymentId, refundedMinor })
}

test('purchases stand with label, price, date and what became of the money', async () => {
  const user = await stage.newUser()
  const [paid, back, partly, odd] = [
    await buyCredits(user.id),
    await buyCredits(user.id),
    await buyCredits(user.id),
    await buyCredits(user.id),
  ]
  await refund(back.id, back.priceMinor)
  await refund(partly.id, 1)
  await stage.prisma.payment.create({
    data: {
      sessionId: 'cs_odd',
      userId: BigInt(user.id),
      amountMinor: 700,
      currency: 'usd',
      livemode: false,
      state: 'quarantined',
    },
  })
  await stage.settle()
  const list = await turn(await open(user.id), '🧾 Your purchases')
  const today = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date())
  expect(list.text?.split('\n').slice(2)).toEqual([
    `${today} · Payment · $7.00 · being checked`,
    ...['paid', 'partly refunded', 'refunded', 'paid'].map((state) => `${today} · ${odd.label} · $2.99 · ${state}`),
  ])
  expect(paid.label).toBe('10 credits')
  expect((await turn(list, '🔓 Your content')).text).toBe('You have not unlocked anything yet.')
})

test('purchases go page by page', async () => {
  const user = await stage.newUser()
  for (let bought = 0; bought < 9; bought++) await buyCredits(user.id)
  const first = await turn(await open(user.id), '🧾 Your purchases')
  expect(first.text?.split('\n').slice(2)).toHaveLength(8)
  const second = await turn(first, 'Older ▶️')
  expect(second.text?.split('\n').slice(2)).toHaveLength(1)
  expect(labels(second)).toEqual(['⏮ Newest', '🔓 Your content'])
})

test('another user’s pages show nothing of theirs', async () => {
  const [rich, poor] = [await stage.newUser({ credits: 100 }), await stage.newUser()]
  const { id, title } = await newContent(stage.prisma, { title: 'Only mine' })
  await unlockForCredits(stage.prisma, { userId: BigInt(rich.id), contentId: id, cost: 50, now: new Date() })
  const list = await open(poor.id)
  await stage.tap(list, poor.id, { data: `pu1:c:${Date.now() + 1000}.999999` })
  await stage.settle()
  const now = stage.world.getMessage({ chatId: poor.id, messageId: list.messageId })
  expect(labels(now ?? list).join()).not.toContain(title)
})

test.each([
  'pu1:c:1',
  'pu1:c:x.1',
  'pu1:o:1.nonsense',
  'pu1:z',
  'pu1:o:99999999999999.00000000-0000-0000-0000-000000000000',
])('callback data that was never issued (%s) is answered', async (data) => {
  const user = await stage.newUser()
  const list = await open(user.id)
  await stage.tap(list, user.id, { data })
  await stage.settle()
})
