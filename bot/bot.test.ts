import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBot } from '#bot/start-bot.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { startTelegram, type TelegramStandIn } from '#sandbox/telegram/server.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

const TOKEN = '7000000001:test-token-that-opens-nothing-at-all'
const GROUP = -1_001_000_000_001
const OLIVIA = 1_000_001

let db: TestDatabase
let telegram: TelegramStandIn
let bot: Awaited<ReturnType<typeof startBot>>

beforeAll(async () => {
  db = await createTestDatabase()
  telegram = await startTelegram({ token: TOKEN, limits: 'off' })
  telegram.world.createUser({ id: OLIVIA, firstName: 'Olivia' })
  telegram.world.createForum({ id: GROUP, title: 'Team', ownerId: OLIVIA })
  bot = await startBot(
    {
      botToken: TOKEN,
      botId: 7000000001,
      telegramApiRoot: telegram.url,
      adminGroupId: GROUP,
      ownerIds: [OLIVIA],
      stripeApiKey: 'sk_test_x',
      stripeApiBase: 'http://127.0.0.1:9',
      databaseUrl: db.url,
      publicUrl: 'http://127.0.0.1:9',
      healthPort: 0,
      currency: 'usd',
      logLevel: 'silent',
      limits: { chatPerSecond: 1000, groupPerMinute: 60_000, bulkPerSecond: 1000 },
    },
    pino({ level: process.env.LOG_LEVEL ?? 'silent' }),
  )
})
afterAll(async () => {
  await bot.stop()
  await telegram.close()
  await db.close()
})

async function userWith(credits: number) {
  const user = telegram.world.createUser({ firstName: 'Ann' })
  await db.prisma.user.create({ data: { id: BigInt(user.id), firstName: 'Ann' } })
  await postEntry(db.prisma, {
    userId: BigInt(user.id),
    kind: 'gift',
    ref: `start:${user.id}`,
    paidDelta: credits,
    contra: 'promotions',
    actor: 'system',
  })
  return user
}

describe('a message of a user', () => {
  test('arrives in a topic of its own under a pinned card, and the answer comes back', async () => {
    const user = await userWith(50)
    const { world } = telegram
    world.sendText({ userId: user.id, text: 'Hello team' })
    const topic = await world.waitForTopic({ chatId: GROUP, name: new RegExp(String(user.id)) })
    const relayed = await world.waitForMessage({ chatId: GROUP, threadId: topic.threadId, text: 'Hello team' })
    expect(relayed.text).toContain('Ann')
    expect(relayed.buttons?.flat().length).toBe(3)
    const receipt = await world.waitForMessage({ chatId: user.id, fromBot: true, text: '49' })
    expect(receipt.text).toContain('49 credits left')
    const pinned = await world.waitFor(
      () => world.listTopics({ chatId: GROUP }).find((one) => one.threadId === topic.threadId)?.pinnedMessageIds[0],
    )
    expect(world.getMessage({ chatId: GROUP, messageId: pinned })?.text).toContain('Ann')

    world.sendText({ userId: OLIVIA, chatId: GROUP, threadId: topic.threadId, text: 'Hello Ann' })
    await world.waitForMessage({ chatId: user.id, fromBot: true, text: 'Hello Ann' })
  })
})
