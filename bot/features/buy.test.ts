import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBot } from '#bot/start-bot.ts'
import { botConfigSchema } from '#core/config/bot-config.ts'
import { recordStripeEvent, stripeEventSchema } from '#core/payments/stripe-events/record-stripe-event.ts'
import { seedProducts } from '#core/products/seed-products.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { startTelegram, type TelegramStandIn } from '#sandbox/telegram/server.ts'
import { API_KEY, clickPayLink, eventually, openShop, PUBLIC_URL, type Shop } from '#testing/payments/shop.ts'

const TOKEN = '123456:AAbuyTests_0123456789'

let shop: Shop
let telegram: TelegramStandIn
let bot: { stop(): Promise<void> }

beforeAll(async () => {
  ;[shop, telegram] = await Promise.all([openShop(), startTelegram({ token: TOKEN, limits: 'off' })])
  await seedProducts(shop.db, { currency: 'usd' })
  const group = telegram.world.createForum()
  const config = botConfigSchema.parse({
    BOT_TOKEN: TOKEN,
    TELEGRAM_API_ROOT: telegram.url,
    ADMIN_GROUP_ID: String(group.id),
    ADMIN_CHAT_ID: '11',
    STRIPE_API_KEY: API_KEY,
    STRIPE_API_BASE: shop.stripeUrl,
    DATABASE_URL: shop.database.url,
    PUBLIC_URL,
    BOT_HEALTH_PORT: String(await freePort()),
    LIMIT_CHAT_PER_SECOND: '1000',
  })
  bot = await startBot(config, pino({ level: 'silent' }))
})

afterAll(async () => {
  await bot.stop()
  await telegram.close()
  await shop.close()
})

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** What the bot has said to a user, as the user sees it. */
const chat = (userId: number) => telegram.world.listMessages({ chatId: userId }).filter((message) => !message.outgoing)

const seen = (userId: number, holds: (message: MessageView) => boolean) =>
  eventually(
    async () => chat(userId).findLast(holds) ?? null,
    (message) => message !== null,
  ).then((message) => {
    if (!message) throw new Error('unreachable')
    return message
  })

const write = (userId: number, text: string) => telegram.world.sendText({ userId, text })
const newPerson = () => telegram.world.createUser({ firstName: 'Ann' }).id
const labels = (message: MessageView) => (message.buttons ?? []).map((row) => row.map(({ text }) => text))
const isShop = (message: MessageView) => labels(message).flat().at(-1) === '✖️ Close'
const payUrl = (message: MessageView) => (message.buttons ?? []).flat().find((button) => button.url)?.url ?? null

function press(message: MessageView, button: { label?: string; data?: string }) {
  const { chatId, messageId } = message
  return telegram.world.pressButton({ chatId, messageId, userId: chatId, ...button })
}

const orderOf = (userId: number) => shop.db.order.findFirstOrThrow({ where: { userId: BigInt(userId) } })

test('from /start over the Start button and a product to the pay link, in one message', async () => {
  const userId = newPerson()
  write(userId, '/start')
  const welcome = await seen(userId, (message) => labels(message).flat().includes('▶️ Start'))
  press(welcome, { label: '▶️ Start' })
  const list = await seen(userId, isShop)
  expect(list.messageId).toBe(welcome.messageId)
  expect(list.text).toContain('text 1, photo 3, voice 5, video 5, file 3.\nWith a pass every message is free.')
  expect(labels(list)).toEqual([
    ['$2.99 · 10 credits', '$5.99 · 25 credits'],
    ['$9.99 · 50 credits', '$17.99 · 100 credits +10 free'],
    ['$74.99 · 500 credits +75 free'],
    ['$2.99 · 1 hour pass', '$9.99 · 1 day pass'],
    ['$99.99 · 30 day pass'],
    ['✖️ Close'],
  ])
  press(list, { label: '$17.99 · 100 credits +10 free' })
  const offer = await seen(userId, (message) => payUrl(message) !== null)
  const order = await orderOf(userId)
  expect(offer.text).toContain('100 credits and 10 bonus credits')
  expect(offer.text).toContain('valid for 7 days')
  expect(labels(offer)).toEqual([['💳 Pay $17.99'], ['◀️ Back']])
  expect(payUrl(offer)).toBe(`${PUBLIC_URL}/checkout/${order.token}`)
  press(offer, { label: '◀️ Back' })
  await seen(userId, isShop)
})

test('Close, tapped twice, leaves nothing behind', async () => {
  const userId = newPerson()
  write(userId, '/buy')
  const list = await seen(userId, isShop)
  press(list, { label: '✖️ Close' })
  const { callbackQueryId } = press(list, { label: '✖️ Close' })
  await telegram.world.waitForCallbackAnswer(callbackQueryId ?? '')
  write(userId, '/nonsense')
  await seen(userId, ({ text }) => text?.startsWith("I don't know") ?? false)
  expect(chat(userId).map(({ text }) => text)).toHaveLength(1)
})

test('Close takes the list away, and clears it where Telegram deletes nothing any more', async () => {
  const userId = newPerson()
  write(userId, '/buy')
  press(await seen(userId, isShop), { label: '✖️ Close' })
  await eventually(
    async () => chat(userId),
    (messages) => messages.length === 0,
  )
  write(userId, '/buy')
  const list = await seen(userId, isShop)
  telegram.world.addFault({
    kind: '400',
    method: 'deleteMessage',
    chatId: userId,
    description: "Bad Request: message can't be deleted",
  })
  press(list, { label: '✖️ Close' })
  const closed = await seen(userId, ({ text }) => text === 'Closed. /buy opens it again.')
  expect([closed.messageId, labels(closed)]).toEqual([list.messageId, []])
})

test('two taps on one button make one order and one message', async () => {
  const userId = newPerson()
  write(userId, '/buy')
  const list = await seen(userId, isShop)
  const data = list.buttons?.[0]?.[0]?.callback_data
  const presses = [press(list, { data }), press(list, { data })]
  await seen(userId, (message) => payUrl(message) !== null)
  for (const { callbackQueryId } of presses) {
    await eventually(
      async () => telegram.world.getCallbackAnswer({ callbackQueryId: String(callbackQueryId) }),
      (answer) => answer !== null,
    )
  }
  expect(await shop.db.order.count({ where: { userId: BigInt(userId) } })).toBe(1)
  expect(chat(userId)).toHaveLength(1)
})

test.each(['/buy25', '/BUY25', '/buy25@paydesk_bot'])('%s leads straight to the pay link', async (command) => {
  const userId = newPerson()
  write(userId, command)
  const offer = await seen(userId, (message) => payUrl(message) !== null)
  expect(offer.text).toContain('25 credits')
  expect(await orderOf(userId)).toMatchObject({ amount: 25, priceMinor: 599, state: 'open' })
})

test('/buy with a number that does not exist says which ones do', async () => {
  const userId = newPerson()
  write(userId, '/buy7')
  const answer = await seen(
    userId,
    (message) => message.text?.includes('/buy10 /buy25 /buy50 /buy100 /buy500') ?? false,
  )
  expect(labels(answer).flat()).toHaveLength(8)
  expect(await shop.db.order.count({ where: { userId: BigInt(userId) } })).toBe(0)
})

test.each(['b1:999999', 'b1:0'])('a button for a product that is not there (%s) shows what is', async (data) => {
  const userId = newPerson()
  write(userId, '/buy')
  const list = await seen(userId, isShop)
  press(list, { data })
  const answer = await seen(userId, (message) => message.text?.startsWith('That is not on sale') ?? false)
  expect(isShop(answer)).toBe(true)
})

test.each(['b1:-1', 'b1:1e3', 'b1:12345678901234567890', 'b0:1', 'b1:'])(
  'callback data that was never issued (%s) is answered and does nothing',
  async (data) => {
    const userId = newPerson()
    write(userId, '/buy')
    const list = await seen(userId, isShop)
    const { callbackQueryId } = press(list, { data })
    await eventually(
      async () => telegram.world.getCallbackAnswer({ callbackQueryId: String(callbackQueryId) }),
      (answer) => answer !== null,
    )
    expect(await shop.db.order.count({ where: { userId: BigInt(userId) } })).toBe(0)
  },
)

test('a payment is confirmed in the chat with what was granted and the new balance, once', async () => {
  const userId = newPerson()
  write(userId, '/buy100')
  await seen(userId, (message) => payUrl(message) !== null)
  await shop.world.paySession({ sessionId: await clickPayLink(shop, await orderOf(userId)) })
  for (const event of await shop.world.listEvents())
    await recordStripeEvent(shop.database.pool, stripeEventSchema.parse(event))
  await seen(userId, (message) => message.text?.includes('You have 110 credits now') ?? false)
  const confirmations = chat(userId).filter((message) => message.text?.includes('Paid, thank you'))
  expect(confirmations.map(({ text }) => text)).toEqual([
    '✅ Paid, thank you. You got 100 credits and 10 bonus credits.\nYou have 110 credits now.',
  ])
})

test('a pass is confirmed with the moment until which messages are free', async () => {
  const userId = newPerson()
  write(userId, '/buy')
  press(await seen(userId, isShop), { label: '$9.99 · 1 day pass' })
  await seen(userId, (message) => payUrl(message) !== null)
  await shop.world.paySession({ sessionId: await clickPayLink(shop, await orderOf(userId)) })
  for (const event of await shop.world.listEvents())
    await recordStripeEvent(shop.database.pool, stripeEventSchema.parse(event))
  const notice = await seen(userId, (message) => message.text?.includes('messages are free until') ?? false)
  expect(notice.text).toMatch(
    /^✅ Paid, thank you\. 1 day pass: your messages are free until \w+ \d+, \d{4}, \d+:\d\d [AP]M \S+\.$/,
  )
})

test('the quick-buy commands stand in the command list with their prices', async () => {
  const userId = newPerson()
  const commands = await eventually(
    async () => telegram.world.listCommands({ userId }),
    (listed) => listed.length > 0,
  )
  expect(commands).toContainEqual({ command: 'buy50', description: '50 credits for $9.99' })
  expect(commands.filter(({ command }) => /^buy\d+$/.test(command))).toHaveLength(5)
})
