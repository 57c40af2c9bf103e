import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { contentMediaOf } from '#core/content/content-part.ts'
import { oweContent } from '#core/content/owe-content.ts'
import { acceptAnswer } from '#core/conversations/accept-answer.ts'
import { relayableKind } from '#core/conversations/message-kind.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { arm } from '#core/recharge/agree-to-recharge.ts'
import type { WireMessage } from '#sandbox/telegram/wire.ts'
import { createStage, type Stage, until } from '#testing/outbox/stage.ts'
import { newContent } from '#testing/payments/content.ts'

let stage: Stage
beforeEach(async () => {
  stage = await createStage()
})
afterEach(() => stage.close())

/** A user with a topic, into which the team writes. */
async function converse(profile: Parameters<Stage['createUser']>[0] = {}) {
  const user = await stage.createUser(profile)
  const outbox = stage.dispatch()
  await stage.accept([stage.world.sendText({ userId: user.id, text: 'Hello' })], outbox)
  await stage.untilSent()
  const [topic] = stage.world.listTopics({ chatId: stage.group.id })
  if (!topic) throw new Error('No topic')
  const inTopic = { userId: stage.owner.id, chatId: stage.group.id, threadId: topic.threadId }
  return { user, outbox, topic, inTopic }
}

async function answer(messages: WireMessage[], threadId: number) {
  const outcome = await acceptAnswer(stage.database.prisma, {
    botId: 123456n,
    topicChatId: BigInt(stage.group.id),
    threadId: BigInt(threadId),
    parts: messages.map((content) => ({
      messageId: BigInt(content.message_id),
      kind: relayableKind(content) ?? 'other',
      text: content.text ?? null,
      content,
    })),
    author: { id: BigInt(stage.owner.id), name: 'Olga' },
    repliesTo: null,
    repliesOnly: false,
    now: new Date(),
  })
  expect(outcome).toEqual({ status: 'queued' })
}

const chatOf = (userId: number) =>
  stage.world.listMessages({ chatId: userId, viewerId: userId }).filter(({ author }) => author.isBot)
const repliesInTopic = (threadId: number, to: number) =>
  stage.world
    .listMessages({ chatId: stage.group.id, threadId })
    .filter(({ replyTo }) => replyTo?.messageId === to)
    .map(({ text }) => text)

describe('an answer of the team', () => {
  test.each(['text', 'photo', 'voice', 'sticker', 'location', 'contact'] as const)(
    'of kind %s reaches the user and is confirmed with a reaction',
    async (kind) => {
      const { user, topic, inTopic } = await converse()
      const written =
        kind === 'text'
          ? stage.world.sendText({ ...inTopic, text: 'Hi there' })
          : stage.world.sendMedia({ ...inTopic, kind })
      await answer([written], topic.threadId)
      await stage.untilSent()
      const received = chatOf(user.id).at(-1)
      expect(received?.media?.kind ?? received?.extra?.kind ?? 'text').toBe(kind)
      const shown = () => stage.world.getMessage({ chatId: stage.group.id, messageId: written.message_id })
      await until(() => shown()?.reactions.some(({ emoji, byBot }) => emoji === '👍' && byBot) ?? false)
      const { rows } = await stage.database.pool.query(`SELECT * FROM messages WHERE direction = 'out'`)
      expect(rows).toMatchObject([{ user_message_id: String(received?.messageId), delivered_at: expect.any(Date) }])
    },
  )

  test('that is an album stays one, in order', async () => {
    const { user, topic, inTopic } = await converse()
    const items = ['a', 'b', 'c'].map((caption) => ({ kind: 'photo' as const, caption }))
    await answer(await stage.world.sendAlbum({ ...inTopic, items }), topic.threadId)
    await stage.untilSent()
    const received = chatOf(user.id).filter(({ media }) => media)
    expect(received.map(({ text }) => text)).toEqual(['a', 'b', 'c'])
    expect(new Set(received.map(({ albumId }) => albumId)).size).toBe(1)
  })

  test('that is an album of which one part was deleted brings the rest, and no place is guessed', async () => {
    const { user, topic, inTopic } = await converse()
    const items = ['a', 'b', 'c'].map((caption) => ({ kind: 'photo' as const, caption }))
    const written = await stage.world.sendAlbum({ ...inTopic, items })
    stage.world.deleteMessages({ chatId: stage.group.id, messageIds: [written[0]?.message_id ?? 0] })
    await answer(written, topic.threadId)
    await stage.untilSent()
    const received = chatOf(user.id).filter(({ media }) => media)
    expect(received.map(({ text }) => text)).toEqual(['b', 'c'])
    const { rows } = await stage.database.pool.query(
      `SELECT user_message_id, delivered_at FROM messages WHERE direction = 'out'`,
    )
    expect(rows).toEqual(written.map(() => ({ user_message_id: null, delivered_at: expect.any(Date) })))
  })

  test('to somebody who stopped the bot says so in the topic, and nothing else is sent to them', async () => {
    const { user, topic, inTopic } = await converse()
    stage.world.blockBot({ userId: user.id })
    const written = stage.world.sendText({ ...inTopic, text: 'Are you there?' })
    await answer([written], topic.threadId)
    await until(() => repliesInTopic(topic.threadId, written.message_id).length > 0)
    expect(repliesInTopic(topic.threadId, written.message_id)).toEqual([
      expect.stringContaining('the user has stopped the bot'),
    ])
    await until(async () => (await blockedAt(user.id)) !== null)
    await enqueueNotice(stage.database.prisma, {
      userId: BigInt(user.id),
      text: 'notice-low-credits',
      args: { credits: 3 },
    })
    await stage.untilSent()
    expect(await stage.deadRows()).toEqual([])
    expect(await stage.database.prisma.alert.count()).toBe(0)
  })

  test('of a kind the user does not take says which way out there is', async () => {
    const { user, topic, inTopic } = await converse()
    const description = 'Bad Request: VOICE_MESSAGES_FORBIDDEN'
    stage.world.addFault({ kind: '400', method: 'copyMessage', chatId: user.id, description })
    const written = stage.world.sendMedia({ ...inTopic, kind: 'voice' })
    await answer([written], topic.threadId)
    await until(() => repliesInTopic(topic.threadId, written.message_id).length > 0)
    expect(repliesInTopic(topic.threadId, written.message_id)[0]).toContain('Send it as text or as a file')
    await stage.untilSent()
    const { rows } = await stage.database.pool.query(`SELECT failure FROM messages WHERE direction = 'out'`)
    expect(rows).toEqual([{ failure: expect.stringContaining('VOICE_MESSAGES_FORBIDDEN') }])
    expect(await stage.deadRows()).toEqual([])
  })

  test('that Telegram never answers for is given up after a while, and the topic and the team are told', async () => {
    const { user, topic, inTopic } = await converse()
    stage.world.addFault({ kind: '500', method: 'copyMessage', chatId: user.id, times: 0 })
    const written = stage.world.sendText({ ...inTopic, text: 'Are you there?' })
    await answer([written], topic.threadId)
    await until(() => repliesInTopic(topic.threadId, written.message_id).length > 0)
    await stage.untilSent()
    expect(repliesInTopic(topic.threadId, written.message_id)).toEqual([expect.stringMatching(/Perhaps not delivered/)])
    expect(await stage.database.prisma.alert.count({ where: { key: 'outbox:reply' } })).toBe(1)
  })

  test('from a file that Telegram lost says so in the topic', async () => {
    const { user, topic, inTopic } = await converse()
    const description = 'Bad Request: wrong file identifier/HTTP URL specified'
    stage.world.addFault({ kind: '400', method: 'sendPhoto', chatId: user.id, description })
    const written = stage.world.sendMedia({ ...inTopic, kind: 'photo' })
    stage.world.deleteMessages({ chatId: stage.group.id, messageIds: [written.message_id] })
    await answer([written], topic.threadId)
    await stage.world.waitForMessage({
      chatId: stage.group.id,
      threadId: topic.threadId,
      text: 'wrong file identifier',
    })
  })

  test('whose topic message was deleted is sent from what is stored', async () => {
    const { user, topic, inTopic } = await converse()
    const written = stage.world.sendText({ ...inTopic, text: 'Gone but kept' })
    stage.world.deleteMessages({ chatId: stage.group.id, messageIds: [written.message_id] })
    await answer([written], topic.threadId)
    await stage.untilSent()
    expect(chatOf(user.id).at(-1)?.text).toBe('Gone but kept')
  })
})

async function blockedAt(userId: number): Promise<Date | null> {
  const user = await stage.database.prisma.user.findUnique({ where: { id: BigInt(userId) } })
  return user?.blockedAt ?? null
}

describe('a receipt', () => {
  beforeEach(() => {
    stage.settings.receipts = 'message'
  })

  test('tells what is left, and the next one edits it', async () => {
    const user = await stage.createUser({}, 10)
    stage.settings.lowCredits = 0
    stage.dispatch()
    await stage.accept([stage.world.sendText({ userId: user.id, text: 'one' })])
    await stage.untilSent()
    expect(chatOf(user.id).map(({ text }) => text)).toEqual(['▰▰▰▰▰▰▰▰▰▱ 9 credits left'])
    await stage.accept([stage.world.sendText({ userId: user.id, text: 'two' })])
    await stage.untilSent()
    expect(chatOf(user.id).map(({ text }) => text)).toEqual(['▰▰▰▰▰▰▰▰▱▱ 8 credits left'])
  })

  test('is a new message once the team said something in between, or when the old one was deleted', async () => {
    const { user, topic, inTopic, outbox } = await converse()
    const count = () => chatOf(user.id).filter(({ text }) => text?.endsWith('left')).length
    expect(count()).toBe(1)
    await answer([stage.world.sendText({ ...inTopic, text: 'Hi' })], topic.threadId)
    await stage.untilSent()
    await stage.accept([stage.world.sendText({ userId: user.id, text: 'two' })], outbox)
    await stage.untilSent()
    expect(count()).toBe(2)
    stage.world.deleteMessages({ chatId: user.id, messageIds: chatOf(user.id).map(({ messageId }) => messageId) })
    await stage.accept([stage.world.sendText({ userId: user.id, text: 'three' })], outbox)
    await stage.untilSent()
    expect(count()).toBe(1)
  })

  test('is a new message below what the bot itself said in between', async () => {
    const user = await stage.createUser({}, 10)
    stage.settings.lowCredits = 0
    stage.dispatch()
    await stage.accept([stage.world.sendText({ userId: user.id, text: 'one' })])
    await stage.untilSent()
    await enqueueNotice(stage.database.prisma, {
      userId: BigInt(user.id),
      text: 'notice-pass-ending',
      args: { minutes: 5 },
    })
    await stage.untilSent()
    await stage.accept([stage.world.sendText({ userId: user.id, text: 'two' })])
    await stage.untilSent()
    expect(chatOf(user.id).map(({ text }) => text?.endsWith('credits left'))).toEqual([true, false, true])
  })

  test('is a new message below content that came in between', async () => {
    const { prisma } = stage.database
    const user = await stage.createUser({}, 10)
    const media = contentMediaOf(
      stage.world.sendMedia({ userId: stage.owner.id, chatId: stage.group.id, kind: 'photo' }),
    )
    if (!media) throw new Error('that is no media')
    const { id: contentId } = await newContent(prisma, { media: [media] })
    stage.settings.lowCredits = 0
    stage.dispatch()
    await stage.accept([stage.world.sendText({ userId: user.id, text: 'one' })])
    await stage.untilSent()
    await prisma.unlock.create({ data: { contentId, userId: BigInt(user.id), source: 'test' } })
    await oweContent(prisma, { contentId, userId: BigInt(user.id) })
    await stage.untilSent()
    await stage.accept([stage.world.sendText({ userId: user.id, text: 'two' })])
    await stage.untilSent()
    expect(chatOf(user.id).map(({ text, media }) => media?.kind ?? text?.endsWith('credits left'))).toEqual([
      true,
      'photo',
      true,
    ])
  })

  test('of somebody whose pass has run out meanwhile says what is left', async () => {
    const user = await stage.createUser({}, 10)
    stage.settings.lowCredits = 0
    await stage.accept([stage.world.sendText({ userId: user.id, text: 'one' })])
    await stage.database.pool.query(
      `UPDATE outbox SET payload = (payload::jsonb || '{"passUntil": "2020-01-01T00:00:00Z"}')::json WHERE purpose = 'receipt'`,
    )
    stage.dispatch()
    await stage.untilSent()
    expect(chatOf(user.id).map(({ text }) => text)).toEqual(['▰▰▰▰▰▰▰▰▰▱ 9 credits left'])
  })

  test('that waits gives way to a newer one', async () => {
    const user = await stage.createUser({}, 100)
    for (const text of ['one', 'two', 'three']) {
      await stage.accept([stage.world.sendText({ userId: user.id, text })])
    }
    stage.dispatch()
    await stage.untilSent()
    expect(chatOf(user.id).map(({ text }) => text)).toEqual(['▰▰▰▰▰▰▰▰▰▱ 97 credits left'])
    expect(stage.world.calls({ chatId: user.id }).map(({ method }) => method)).toEqual(['sendMessage'])
  })

  test('that Telegram refuses is given up without a trace', async () => {
    const user = await stage.createUser()
    stage.world.addFault({ kind: '400', method: 'sendMessage', chatId: user.id, description: 'Bad Request: no' })
    stage.dispatch()
    await stage.accept([stage.world.sendText({ userId: user.id, text: 'one' })])
    await stage.untilSent()
    expect(chatOf(user.id)).toEqual([])
    expect(await stage.deadRows()).toEqual([])
  })

  test('of somebody with a pass says how long everything is free', async () => {
    const user = await stage.createUser()
    const pass = `SELECT post_entry($1, 'gift', 'pass', 0, 0, 7200, 'promotions', 'test', NULL)`
    await stage.database.pool.query(pass, [user.id])
    stage.dispatch()
    await stage.accept([stage.world.sendText({ userId: user.id, text: 'one' })])
    await stage.untilSent()
    expect(chatOf(user.id)[0]?.text).toMatch(/^⏳ Free for (2h|1h 60m|1h 59m)/)
  })

  test('as a reaction stands on the message itself', async () => {
    stage.settings.receipts = 'reaction'
    const user = await stage.createUser()
    stage.dispatch()
    const written = stage.world.sendText({ userId: user.id, text: 'one' })
    await stage.accept([written])
    await stage.untilSent()
    expect(stage.world.getMessage({ chatId: user.id, messageId: written.message_id })?.reactions).toMatchObject([
      { emoji: '👌', byBot: true },
    ])
    expect(chatOf(user.id)).toEqual([])
  })
})

describe('a notice', () => {
  test('is said in words, with the buttons it asks for, and arguments cannot smuggle in markup', async () => {
    const user = await stage.createUser()
    stage.dispatch()
    await enqueueNotice(stage.database.prisma, {
      userId: BigInt(user.id),
      text: 'notice-pass-ending',
      args: { minutes: '<b>5</b> & more' },
      buttons: 'buy',
    })
    await stage.untilSent()
    const [notice] = chatOf(user.id)
    expect(notice?.text).toBe('⏳ Your pass ends in <b>5</b> & more minutes. After that messages cost credits again.')
    expect(notice?.buttons?.flat().map(({ text }) => text)).toEqual(['Buy'])
  })

  test.each([
    ['to try the purchase again', { retryProductId: 7 }, '🔁 Try again'],
    ['to auto-recharge', { buttons: 'recharge' }, '🔁 Auto-recharge'],
    ['to the subscription', { buttons: 'subscription' }, '🔁 My subscription'],
    [
      'to a page',
      { link: { text: 'recharge-pay-button', args: { price: '$5.00' }, url: 'https://pay.test/' } },
      '💳 Pay $5.00',
    ],
  ] as const)('has the way %s under it', async (_what, given, label) => {
    const user = await stage.createUser()
    stage.dispatch()
    await enqueueNotice(stage.database.prisma, {
      userId: BigInt(user.id),
      text: 'notice-pass-ending',
      args: { minutes: 5 },
      ...given,
    })
    await stage.untilSent()
    const [notice] = chatOf(user.id)
    expect(notice?.buttons?.flat().map(({ text }) => text)).toEqual([label])
  })
})

describe('an alert', () => {
  test('reaches General and every owner who opened the bot; an owner who did not is skipped', async () => {
    const there = stage.world.createUser({ firstName: 'There' })
    const away = stage.world.createUser({ firstName: 'Away', started: false })
    const member = (id: number, role: 'owner' | 'admin') => ({ id: BigInt(id), name: 'x', role })
    await stage.database.prisma.teamMember.createMany({ data: [member(there.id, 'owner'), member(away.id, 'owner')] })
    stage.dispatch()
    const trouble = { key: 'test', severity: 'urgent', title: 'A <b>test</b>', detail: 'Nothing & nobody' } as const
    await raiseAlert(stage.database.prisma, trouble)
    await stage.untilSent()
    const text = '🔴 A <b>test</b>\nNothing & nobody'
    expect(chatOf(there.id).map((message) => message.text)).toEqual([text])
    expect(stage.world.listMessages({ chatId: stage.group.id, threadId: 'general' }).map((m) => m.text)).toContain(text)
    expect(await stage.deadRows()).toEqual([])
  })
})

describe('the warning that credits run low', () => {
  test.each([
    { threshold: null, warnings: 1, title: 'comes when nothing is bought by itself' },
    { threshold: 5, warnings: 1, title: 'comes when auto-recharge buys only later' },
    { threshold: 10, warnings: 0, title: 'stays away when auto-recharge buys at this balance' },
  ])('$title', async ({ threshold, warnings }) => {
    const { id } = await stage.createUser({}, 11)
    await arm(stage.database.prisma, { userId: BigInt(id), threshold })
    await stage.accept([stage.world.sendText({ userId: id, text: 'Hello' })], stage.dispatch())
    await stage.untilSent()
    const said = chatOf(id).filter(({ text }) => text?.includes('You have 10 credits left'))
    expect(said).toHaveLength(warnings)
    for (const { buttons } of said) expect(buttons?.flat()).toHaveLength(1)
  })
})
