import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changeSetting } from '#core/settings/change-setting.ts'
import type { SettingKey, Settings } from '#core/settings/settings.ts'
import { settingsSchema } from '#core/settings/settings.ts'
import type { MediaItem } from '#sandbox/telegram/control-types.ts'
import { type BotStage, eventually, startBotStage } from '#testing/bot-stage.ts'

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage({ hasProducts: true })
})
afterAll(() => stage.close())

const defaults = settingsSchema.parse({})

describe('a message of a user arrives in their topic, charged by its kind:', () => {
  const kinds: [MediaItem, number][] = [
    [{ kind: 'photo', caption: 'look' }, 3],
    [{ kind: 'video', caption: 'look' }, 5],
    [{ kind: 'animation', caption: 'look' }, 2],
    [{ kind: 'voice' }, 5],
    [{ kind: 'video_note' }, 5],
    [{ kind: 'audio', caption: 'look' }, 3],
    [{ kind: 'document', caption: 'look', fileName: 'a.pdf' }, 3],
    [{ kind: 'sticker' }, 1],
    [{ kind: 'location' }, 1],
    [{ kind: 'venue' }, 1],
    [{ kind: 'contact' }, 1],
    [{ kind: 'poll' }, 1],
    [{ kind: 'dice' }, 1],
  ]
  test.each(kinds)('$kind', async (item, cost) => {
    const { user, threadId } = await stage.newConversation({ credits: 20 })
    const sent = stage.world.sendMedia({ userId: user.id, ...item })
    await stage.settle()
    const [, relayed, ...more] = stage.inTopic(threadId)
    expect(more).toEqual([])
    expect(relayed?.media?.kind ?? relayed?.extra?.kind).toBe(item.kind)
    if ('caption' in item) expect(relayed?.text).toMatch(/Ann.*\nlook$/s)
    expect(relayed?.buttons?.flat().map((button) => button.callback_data)).toEqual(
      ['info', 'gift', 'ban'].map((verb) => `t1:${verb}:${user.id}`),
    )
    expect(await stage.spendings(user.id)).toEqual([1, cost])
    const stored = (await stage.messagesOf(user.id)).at(-1)
    expect(stored).toMatchObject({ kind: item.kind, cost, userMessageId: BigInt(sent.message_id), direction: 'in' })
    const places = await stage.prisma.messagePlace.findMany({ where: { messageId: stored?.id ?? 0n } })
    expect(places).toMatchObject([{ topicMessageId: BigInt(relayed?.messageId ?? 0) }])
    expect(stage.saidTo(user.id).at(-1)?.text).toContain(`${19 - cost} credits left`)
  })
})

describe('an album', () => {
  const items = [
    { kind: 'photo' as const },
    { kind: 'video' as const, caption: 'the words' },
    { kind: 'photo' as const },
  ]

  test.each([0, 300])('whose parts come %i ms apart stays one album and costs its dearest part once', async (gapMs) => {
    const { user, threadId } = await stage.newConversation({ credits: 20 })
    await stage.world.sendAlbum({ userId: user.id, items, gapMs })
    await stage.world.waitFor(() => stage.inTopic(threadId).length === 4)
    await stage.settle()
    const album = stage.inTopic(threadId).slice(1)
    expect(new Set(album.map(({ albumId }) => albumId)).size).toBe(1)
    expect(album.map(({ media }) => media?.kind)).toEqual(['photo', 'video', 'photo'])
    expect(album.map(({ text }) => text ?? '')).toEqual(['', expect.stringMatching(/Ann.*\nthe words$/s), ''])
    expect(await stage.spendings(user.id)).toEqual([1, 5])
    expect(await stage.messagesOf(user.id)).toHaveLength(4)
  })

  test('whose last part comes seconds late is charged once all the same, and nothing of it is missing', async () => {
    const { user, threadId } = await stage.newConversation({ credits: 20 })
    await stage.world.sendAlbum({ userId: user.id, items: items.slice(0, 2), gapMs: 2_000 })
    await stage.world.waitFor(() => stage.inTopic(threadId).length === 3)
    await stage.settle()
    expect(
      stage
        .inTopic(threadId)
        .slice(1)
        .map(({ media }) => media?.kind),
    ).toEqual(['photo', 'video'])
    expect(await stage.spendings(user.id)).toEqual([1, 3])
  })
})

test('a text keeps its formatting, and a reply is a message like any other', async () => {
  const { user, threadId } = await stage.newConversation()
  const [receipt] = stage.saidTo(user.id)
  stage.world.sendText({
    userId: user.id,
    text: 'bold and link',
    entities: [
      { type: 'bold', offset: 0, length: 4 },
      { type: 'text_link', offset: 9, length: 4, url: 'https://example.com/' },
    ],
    replyTo: receipt?.messageId,
  })
  const relayed = await stage.world.waitForMessage({ chatId: stage.groupId, threadId, text: 'bold and link' })
  const text = relayed.text ?? ''
  const marked = relayed.entities?.map(({ type, offset, length }) => [type, text.slice(offset, offset + length)])
  expect(marked).toEqual(
    expect.arrayContaining([
      ['bold', 'bold'],
      ['text_link', 'link'],
    ]),
  )
})

describe('a user with too little', () => {
  test('is told the cost and the balance with buy buttons; nothing is passed on or charged', async () => {
    const user = await stage.newUser({ credits: 2 })
    stage.world.sendMedia({ userId: user.id, kind: 'photo', caption: 'dear' })
    const answer = await stage.world.waitForMessage({ chatId: user.id, fromBot: true })
    expect(answer.text).toContain('Not sent yet: this costs 3 credits and you have 2. Nothing was charged.')
    expect(answer.buttons?.flat()).toHaveLength(9)
    await stage.settle()
    expect(await stage.accountOf(user.id)).toMatchObject({ paid: 2, version: 1 })
    expect(await stage.messagesOf(user.id)).toEqual([])
    expect(stage.world.listTopics({ chatId: stage.groupId }).filter(({ name }) => name.includes(`${user.id}`))).toEqual(
      [],
    )
  })

  test('can go on with what is cheaper', async () => {
    const user = await stage.newUser({ credits: 2 })
    stage.world.sendMedia({ userId: user.id, kind: 'photo' })
    stage.world.sendText({ userId: user.id, text: 'cheap' })
    const threadId = await stage.topicOf(user.id)
    await stage.world.waitForMessage({ chatId: stage.groupId, threadId, text: 'cheap' })
    await stage.settle()
    expect(await stage.spendings(user.id)).toEqual([1])
  })

  test('is warned when credits run low, once at the crossing', async () => {
    const user = await stage.newUser({ credits: 12 })
    for (const text of ['a', 'b', 'c', 'd']) stage.world.sendText({ userId: user.id, text })
    await eventually(
      () => stage.spendings(user.id),
      (spent) => spent.length === 4,
    )
    await stage.settle()
    const warnings = stage.saidTo(user.id).filter(({ text }) => text?.includes('You have 10 credits left'))
    expect(warnings).toHaveLength(1)
    expect(warnings[0]?.buttons?.flat()).toHaveLength(8)
  })
})

test('with a pass messages are free and the receipt says for how long', async () => {
  const { user } = await stage.newConversation({ credits: 0, passSeconds: 3_600 })
  stage.world.sendMedia({ userId: user.id, kind: 'video' })
  await stage.settle()
  expect(await stage.spendings(user.id)).toEqual([])
  expect(await stage.messagesOf(user.id)).toHaveLength(2)
  expect(stage.saidTo(user.id).map(({ text }) => text)).toEqual([expect.stringMatching(/^⏳ Free for (1h|60m) more$/)])
})

test('a banned user is told so; nothing is passed on or charged', async () => {
  const { user, threadId } = await stage.newConversation()
  await stage.prisma.user.update({ where: { id: BigInt(user.id) }, data: { bannedAt: new Date() } })
  stage.world.sendText({ userId: user.id, text: 'let me in' })
  await stage.world.waitForMessage({ chatId: user.id, text: "You can't write here any more. Nothing was charged." })
  await stage.settle()
  expect(await stage.spendings(user.id)).toEqual([1])
  expect(stage.inTopic(threadId)).toHaveLength(1)
})

test('what Telegram does not let bots pass on is refused in words, service messages in silence', async () => {
  const user = await stage.newUser()
  const base = { chat: { id: user.id, type: 'private', first_name: 'Ann' }, from: user, date: 1_790_000_000 }
  const push = (messageId: number, fields: object) =>
    stage.world.pushRawUpdate({ update: { message: { ...base, message_id: messageId, ...fields } } })
  push(9_001, { pinned_message: { ...base, message_id: 1, text: 'x' } })
  push(9_002, { write_access_allowed: {} })
  push(9_003, { users_shared: { request_id: 1, users: [] } })
  push(9_004, { story: { chat: base.chat, id: 1 } })
  await stage.settle()
  const said = stage.saidTo(user.id).map(({ text }) => text)
  expect(said).toEqual(["This kind of message can't be passed on. Nothing was charged."])
  expect(await stage.spendings(user.id)).toEqual([])
})

test('an edit is free and adds nothing', async () => {
  const { user, threadId } = await stage.newConversation()
  const sent = stage.world.sendText({ userId: user.id, text: 'frist' })
  await stage.settle()
  stage.world.editMessage({ chatId: user.id, messageId: sent.message_id, text: 'first' })
  await stage.settle()
  expect(await stage.spendings(user.id)).toEqual([1, 1])
  expect(stage.inTopic(threadId)).toHaveLength(2)
})

describe('a setting that changes while the bot runs acts at once:', () => {
  async function change<K extends SettingKey>(key: K, value: Settings[K]) {
    await changeSetting(stage.prisma, { key, value, updatedBy: 'test' })
    await stage.settle()
  }

  /** The notification travels on its own: what matters is that the change holds within moments, without a restart. */
  async function untilSeen(userId: number, holds: () => boolean | Promise<boolean>) {
    await eventually(
      async () => {
        stage.world.sendText({ userId, text: 'again' })
        await stage.settle()
        return holds()
      },
      (seen) => seen,
    )
  }

  test('costs', async () => {
    const { user } = await stage.newConversation({ credits: 500 })
    await change('messageCosts', { ...defaults.messageCosts, text: 7 })
    await untilSeen(user.id, async () => (await stage.spendings(user.id)).at(-1) === 7)
    await change('messageCosts', defaults.messageCosts)
    await untilSeen(user.id, async () => (await stage.spendings(user.id)).at(-1) === 1)
  })

  test('receipts', async () => {
    const { user } = await stage.newConversation({ credits: 500 })
    const receipts = () => stage.saidTo(user.id).length
    await change('receipts', 'reaction')
    await untilSeen(user.id, () => {
      const last = stage.world
        .listMessages({ chatId: user.id })
        .filter(({ outgoing, author }) => outgoing || !author.isBot)
        .at(-1)
      return last?.reactions.some(({ byBot }) => byBot) ?? false
    })
    await change('receipts', 'off')
    const before = receipts()
    stage.world.sendText({ userId: user.id, text: 'quiet' })
    await stage.settle()
    expect(receipts()).toBe(before)
    await change('receipts', defaults.receipts)
  })

  test('the header', async () => {
    const { user, threadId } = await stage.newConversation({ credits: 500 })
    const last = () => stage.inTopic(threadId).at(-1)
    await change('header', 'compact')
    await untilSeen(user.id, () => /^💬 \u2068Ann\u2069 · 🆕 · 💳 \d+\nagain$/.test(last()?.text ?? ''))
    await change('header', 'off')
    await untilSeen(user.id, () => last()?.text === 'again')
    expect(last()?.buttons ?? []).toEqual([])
    await change('header', defaults.header)
  })
})
