import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BotStage, startBotStage } from '#testing/bot-stage.ts'

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage()
})
afterAll(() => stage.close())

test('what a user writes arrives in a topic of its own under a pinned card, and the answer comes back', async () => {
  const { world, groupId: chatId } = stage
  const user = await stage.newUser({ credits: 50 }, { username: 'ann_lee', lastName: 'Lee' })
  world.sendText({ userId: user.id, text: 'Hello team' })
  const threadId = await stage.topicOf(user.id)
  const relayed = await world.waitForMessage({ chatId, threadId, text: 'Hello team' })
  expect(relayed.text).toBe(`💬 Text · \u2068Ann Lee\u2069 @ann_lee · 🆕 New · #${user.id} · 💳 49\nHello team`)
  expect(relayed.buttons?.flat().map(({ text }) => text)).toEqual(['ℹ️ Info', '🎁 Gift', '🚫 Ban'])
  const receipt = await world.waitForMessage({ chatId: user.id, fromBot: true })
  expect(receipt.text).toBe('▰▰▰▰▰▰▰▰▰▱ 49 credits left')
  const card = await world.waitForMessage({ chatId, threadId, where: ({ pinned }) => pinned })
  expect(card.text).toContain('Ann Lee @ann_lee')
  expect(card.buttons?.flat()).toHaveLength(5)

  world.sendText({ userId: stage.owner.id, chatId, threadId, text: 'Hello Ann' })
  await world.waitForMessage({ chatId: user.id, fromBot: true, text: 'Hello Ann' })
  await stage.settle()
  expect(await stage.spendings(user.id)).toEqual([1])
  expect((await stage.messagesOf(user.id)).map(({ direction, text }) => [direction, text])).toEqual([
    ['in', 'Hello team'],
    ['out', 'Hello Ann'],
  ])
})

test('fifty people who write at once are all heard, each in one topic and charged once', async () => {
  const users = await Promise.all(Array.from({ length: 50 }, () => stage.newUser()))
  for (const { id } of users) stage.world.sendText({ userId: id, text: `it is ${id}` })
  for (const { id } of users) {
    const threadId = await stage.topicOf(id)
    await stage.world.waitForMessage({ chatId: stage.groupId, threadId, text: `it is ${id}` })
  }
  await stage.settle()
  for (const { id } of users) {
    expect(await stage.spendings(id)).toEqual([1])
    const topics = stage.world.listTopics({ chatId: stage.groupId }).filter(({ name }) => name.endsWith(`(${id})`))
    expect(topics).toHaveLength(1)
  }
})

test('a user who stops the bot gets nothing more, and comes back with their next message', async () => {
  const { user, threadId } = await stage.newConversation()
  stage.world.blockBot({ userId: user.id })
  await stage.settle()
  const blockedAt = async () =>
    (await stage.prisma.user.findUniqueOrThrow({ where: { id: BigInt(user.id) } })).blockedAt
  expect(await blockedAt()).toBeInstanceOf(Date)
  const calls = stage.world.calls({ chatId: user.id }).length
  stage.world.sendText({ userId: stage.owner.id, chatId: stage.groupId, threadId, text: 'still there?' })
  await stage.world.waitForMessage({ chatId: stage.groupId, threadId, text: 'has stopped the bot' })
  await stage.settle()
  expect(stage.world.calls({ chatId: user.id })).toHaveLength(calls)
  stage.world.unblockBot({ userId: user.id })
  stage.world.sendText({ userId: user.id, text: 'back again' })
  await stage.world.waitForMessage({ chatId: stage.groupId, threadId, text: 'back again' })
  await stage.settle()
  expect(await blockedAt()).toBeNull()
})

test('a command into a chat that Telegram shuts for longer than a handler may take is answered once', async () => {
  const patient = await startBotStage({ ingest: { handlerTimeoutMs: 700, retryFirstMs: 50, retryMaxMs: 200 } })
  try {
    const { world } = patient
    const user = await patient.newUser()
    world.addFault({ kind: '429', method: 'sendMessage', chatId: user.id, retryAfterSeconds: 3 })
    world.sendText({ userId: user.id, text: '/balance' })
    await world.waitForMessage({ chatId: user.id, fromBot: true }, { timeoutMs: 10_000 })
    await patient.settle()
    expect(await patient.prisma.inboxUpdate.count({ where: { deadAt: { not: null } } })).toBe(0)
    expect(patient.saidTo(user.id)).toHaveLength(1)
  } finally {
    await patient.close()
  }
})

test('a command whose answer reaches nobody any more is done, and the user is known to be away', async () => {
  const user = await stage.newUser()
  stage.world.sendText({ userId: user.id, text: '/balance' })
  await stage.settle()
  stage.world.holdUpdates()
  stage.world.sendText({ userId: user.id, text: '/help' })
  stage.world.deactivateUser({ userId: user.id })
  stage.world.releaseUpdates()
  await stage.settle()
  expect(
    await stage.prisma.inboxUpdate.count({ where: { OR: [{ attempts: { gt: 0 } }, { deadAt: { not: null } }] } }),
  ).toBe(0)
  expect(await stage.prisma.user.findUniqueOrThrow({ where: { id: BigInt(user.id) } })).toMatchObject({
    blockedAt: expect.any(Date),
  })
})
