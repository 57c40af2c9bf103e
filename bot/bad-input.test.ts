import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seedProducts } from '#core/products/seed-products.ts'
import type { WireEntity } from '#sandbox/telegram/wire.ts'
import { type BotStage, eventually, startBotStage } from '#testing/bot-stage.ts'

const ATTEMPTS = 3

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage({ ingest: { maxAttempts: ATTEMPTS, retryFirstMs: 20, retryMaxMs: 40 } })
})
afterAll(() => stage.close())

type Person = Awaited<ReturnType<BotStage['newUser']>>

const privateChat = ({ id, first_name }: Person) => ({ id, type: 'private', first_name })
const push = (update: object) => stage.world.pushRawUpdate({ update })
const failedUpdates = () =>
  stage.prisma.inboxUpdate.count({ where: { OR: [{ attempts: { gt: 0 } }, { deadAt: { not: null } }] } })

/** Where the team sees a message of that person, if it does. */
async function findPlace(userId: number, userMessageId: number) {
  const message = await stage.prisma.message.findFirst({
    where: { userId: BigInt(userId), userMessageId: BigInt(userMessageId) },
  })
  return message && stage.prisma.messagePlace.findFirst({ where: { messageId: message.id } })
}

/** Writes as that person and waits until the team has it. */
async function relayed(userId: number, text: string, entities?: WireEntity[]) {
  const sent = stage.world.sendText({ userId, text, ...(entities ? { entities } : {}) })
  const place = await eventually(
    () => findPlace(userId, sent.message_id),
    (found) => found !== null,
  )
  const stored = await stage.prisma.message.findUnique({ where: { id: place?.messageId ?? 0n } })
  const view = stage.world.getMessage({ chatId: stage.groupId, messageId: Number(place?.topicMessageId) })
  if (!view || !stored) throw new Error('The team does not have it')
  return { view, stored }
}

describe('texts that arrive whole:', () => {
  test('4,096 characters, both ways', async () => {
    const { user, threadId } = await stage.newConversation()
    const long = 'ä'.repeat(4_096)
    expect((await relayed(user.id, long)).view.text).toBe(long)
    stage.world.sendText({ userId: stage.owner.id, chatId: stage.groupId, threadId, text: long })
    await stage.world.waitForMessage({ chatId: user.id, fromBot: true, text: long })
    await stage.settle()
    expect(await stage.spendings(user.id)).toEqual([1, 1])
  })

  test('4,096 emoji units', async () => {
    const { user } = await stage.newConversation()
    const long = '🌻'.repeat(2_048)
    expect((await relayed(user.id, long)).view.text).toBe(long)
  })

  test('every entity, moved behind the header and unchanged', async () => {
    const { user } = await stage.newConversation()
    const kinds: Partial<WireEntity>[] = [
      ...['bold', 'italic', 'underline', 'strikethrough', 'spoiler', 'code', 'blockquote'].map((type) => ({ type })),
      { type: 'expandable_blockquote' },
      { type: 'pre', language: 'ts' },
      { type: 'text_link', url: 'https://example.com/' },
      { type: 'custom_emoji', custom_emoji_id: '5368324170671202286' },
    ]
    const text = kinds.map((_, index) => `👍🏽${index % 10}`).join('\n')
    let offset = 0
    const entities = kinds.map((kind) => {
      const entity = { ...kind, offset, length: 5 } as WireEntity
      offset += 6
      return entity
    })
    const { view } = await relayed(user.id, text, entities)
    const shift = (view.text ?? '').length - text.length
    expect(view.text?.slice(shift)).toBe(text)
    const kept = view.entities?.filter((entity) => entity.offset >= shift)
    expect(kept).toEqual(entities.map((entity) => ({ ...entity, offset: entity.offset + shift })))
  })

  test('a character on the edge of the preview is not torn apart', async () => {
    const { user } = await stage.newConversation()
    const text = `${'a'.repeat(119)}👍 and more`
    expect((await relayed(user.id, text)).view.text).toContain(text)
    const { preview } = await stage.prisma.conversation.findUniqueOrThrow({ where: { userId: BigInt(user.id) } })
    expect(preview).toBe('a'.repeat(119))
    expect(await failedUpdates()).toBe(0)
  })

  test.each([
    ['NUL', 'before\0after', 'beforeafter'],
    ['half a surrogate pair', 'before\ud83dafter', 'before\ufffdafter'],
  ])('%s is mended; it is charged once and holds up nobody', async (_, text, mended) => {
    const { user } = await stage.newConversation()
    const neighbour = await stage.newUser()
    stage.world.holdUpdates()
    stage.world.sendText({ userId: user.id, text, entities: [] })
    stage.world.sendText({ userId: user.id, text: 'behind it' })
    stage.world.sendText({ userId: neighbour.id, text: 'beside it' })
    stage.world.releaseUpdates()
    await eventually(
      async () => (await stage.messagesOf(user.id)).length + (await stage.messagesOf(neighbour.id)).length,
      (stored) => stored === 4,
    )
    await stage.settle()
    expect((await stage.messagesOf(user.id)).slice(1).map((message) => message.text)).toEqual([mended, 'behind it'])
    expect(await stage.spendings(user.id)).toEqual([1, 1, 1])
    expect(await failedUpdates()).toBe(0)
  })
})

describe('names of all kinds make a topic, a card and a header:', () => {
  test.each([
    ['right to left', 'شهرزاد', 'بنت الوزير'],
    ['an override that would turn the line around', 'Ann\u202egnihtemos', undefined],
    ['emoji of several parts', '👩‍👩‍👧‍👦🏳️‍🌈', '🇩🇪'],
    ['markup', '<script>alert(1)</script>', '</b>&amp;'],
    ['64 characters each', 'X'.repeat(64), 'Y'.repeat(64)],
    ['64 units of emoji each', '👩‍👩‍👧‍👦'.repeat(5), '🏳️‍🌈'.repeat(10)],
    ['nothing one can see', '\u2060\u200b', undefined],
    ['NUL and half a pair', 'A\0nn\ud800', undefined],
  ])('%s', async (_, firstName, lastName) => {
    const { user, card, first } = await stage.newConversation({}, { firstName, lastName })
    expect(first.buttons?.flat()).toHaveLength(3)
    expect(card.buttons?.flat()).toHaveLength(5)
    expect(card.text).toContain(String(user.id))
    stage.world.sendText({ userId: user.id, text: '/start' })
    await stage.world.waitForMessage({ chatId: user.id, fromBot: true, text: 'Hello ' })
    await stage.settle()
    expect(await failedUpdates()).toBe(0)
    expect(await stage.prisma.alert.count()).toBe(0)
  })

  test('markup in a name is shown as text', async () => {
    const { card, first } = await stage.newConversation({}, { firstName: '<b>Ann</b>', lastName: '&lt;' })
    expect(card.text).toContain('<b>Ann</b> &lt;')
    expect(first.text).toContain('<b>Ann</b> &lt;')
  })
})

test('updates that the bot has no use for are put away without a word', async () => {
  const { user, threadId } = await stage.newConversation()
  const said = stage.saidTo(user.id).length
  const message = { message_id: 70_000, date: 1_790_000_000, chat: privateChat(user), from: user, text: 'hi' }
  const channel = { id: -1_001_999_999_999, type: 'channel', title: 'News' }
  push({ edited_message: { ...message, edit_date: 1_790_000_001 } })
  push({ channel_post: { ...message, chat: channel, from: undefined, sender_chat: channel } })
  push({ edited_channel_post: { ...message, chat: channel, from: undefined } })
  push({ message: { ...message, chat: { id: -77, type: 'group', title: 'Other' } } })
  push({ message: { ...message, chat: { id: -1_001_888_888_888, type: 'supergroup', title: 'Other' } } })
  push({ business_message: { ...message, business_connection_id: 'b' } })
  push({ business_connection: { id: 'b', user, user_chat_id: user.id, date: 1, is_enabled: true } })
  push({ inline_query: { id: '1', from: user, query: 'x', offset: '' } })
  push({ chosen_inline_result: { result_id: '1', from: user, query: 'x' } })
  push({ poll: { id: '1', question: '?', options: [] } })
  push({ poll_answer: { poll_id: '1', user, option_ids: [] } })
  push({ chat_member: { chat: channel, from: user, date: 1 } })
  push({
    message_reaction: { chat: privateChat(user), message_id: 1, user, date: 1, old_reaction: [], new_reaction: [] },
  })
  push({ something_of_the_year_2030: { from: user, chat: privateChat(user) } })
  push({})
  await stage.settle()
  expect(stage.saidTo(user.id)).toHaveLength(said)
  expect(stage.inTopic(threadId)).toHaveLength(1)
  expect(await stage.spendings(user.id)).toEqual([1])
  expect(await failedUpdates()).toBe(0)
})

test('malformed updates end somewhere, charge nobody, and the person’s next message goes through', async () => {
  const { user, threadId } = await stage.newConversation()
  const chat = privateChat(user)
  const query = { id: '99', from: user, chat_instance: '1' }
  for (const message of [42, 'text', null, [], {}, { chat }, { chat: 5 }, { chat: { id: user.id } }]) push({ message })
  push({ message: { chat, message_id: 1, text: 'nobody wrote this' } })
  push({ message: { chat, from: user, message_id: 2 } })
  push({ message: { chat, from: user, message_id: 3, text: { not: 'a text' } } })
  push({ message: { chat, from: user, message_id: 4, entities: 'none', text: 'x' } })
  for (const callback_query of [7, {}, query, { ...query, data: 5 }, { ...query, message: {}, data: 't1:info:1' }]) {
    push({ callback_query })
  }
  const group = { id: stage.groupId, type: 'supergroup', title: 'Team', is_forum: true }
  const topic = { chat: group, message_thread_id: threadId, is_topic_message: true, date: 1 }
  push({ message: { ...topic, message_id: 5, text: 'nobody wrote this' } })
  push({ message: { ...topic, message_id: 6, from: stage.owner } })
  push({ message: { ...topic, message_id: 7, from: stage.owner, forum_topic_created: 5 } })
  push({ callback_query: { ...query, message: { chat: group, message_id: 1, date: 0 }, data: 't1:gift:0' } })
  push({ my_chat_member: {} })
  push({ my_chat_member: { chat, from: user } })
  push({ pre_checkout_query: {} })
  stage.world.sendText({ userId: user.id, text: 'still here' })
  await stage.world.waitForMessage({ chatId: stage.groupId, text: 'still here' })
  await stage.settle()
  const charged = (await stage.messagesOf(user.id)).filter(({ cost }) => cost > 0).map(({ text }) => text)
  expect(charged.filter((text) => text === 'still here')).toEqual(['still here'])
  stage.world.sendText({ userId: stage.owner.id, chatId: stage.groupId, threadId, text: 'and we too' })
  await stage.world.waitForMessage({ chatId: user.id, fromBot: true, text: 'and we too' })
  expect((await stage.messagesOf(user.id)).filter(({ direction }) => direction === 'out')).toHaveLength(1)
})

test('a message that the database refuses takes nobody of its batch along', async () => {
  const user = await stage.newUser()
  const neighbours = await Promise.all(Array.from({ length: 5 }, () => stage.newUser()))
  stage.world.holdUpdates()
  push({ message: { chat: privateChat(user), from: user, message_id: 1e25, date: 1, text: 'impossible' } })
  for (const { id } of neighbours) stage.world.sendText({ userId: id, text: 'possible' })
  stage.world.sendText({ userId: user.id, text: 'possible again' })
  stage.world.releaseUpdates()
  for (const { id } of [...neighbours, user]) {
    await eventually(
      () => stage.messagesOf(id),
      (messages) => messages.length === 1,
    )
    expect(await stage.spendings(id)).toEqual([1])
  }
})

test('a button whose answer fails for good is not said to have done nothing', async () => {
  await seedProducts(stage.prisma, { currency: 'usd' })
  const { id } = await stage.newUser()
  const { message_id: asked } = stage.world.sendText({ userId: id, text: '/buy' })
  const shop = await stage.world.waitForMessage({ chatId: id, fromBot: true, afterMessageId: asked })
  // The second is the way out when the first is refused.
  for (const method of ['editMessageText', 'sendMessage']) {
    const description = 'Bad Request: SOMETHING_NEW'
    stage.world.addFault({ kind: '400', method, chatId: id, times: ATTEMPTS, description })
  }
  stage.world.pressButton({
    chatId: id,
    userId: id,
    messageId: shop.messageId,
    data: shop.buttons?.[0]?.[0]?.callback_data ?? '',
  })
  const told = await stage.world.waitForMessage({ chatId: id, fromBot: true, text: 'that button may not have worked' })
  expect(told.text).not.toContain('Nothing was charged')
})

test('what fails for good is told to the user once, to the owner once per kind, and the lane goes on', async () => {
  await stage.settle()
  await stage.prisma.alert.deleteMany()
  const people = [await stage.newUser(), await stage.newUser()]
  const alerts = () =>
    stage.saidTo(stage.owner.id).filter(({ text }) => text?.includes('An update could not be handled'))
  const before = alerts().length
  for (const { id } of people) {
    const { id: fault } = stage.world.addFault({
      kind: '400',
      method: 'sendMessage',
      chatId: id,
      times: ATTEMPTS,
      description: 'Bad Request: SOMETHING_NEW',
    })
    stage.world.sendText({ userId: id, text: '/balance' })
    stage.world.sendText({ userId: id, text: '/help' })
    await stage.world.waitForMessage({ chatId: id, fromBot: true, text: 'Something went wrong on our side' })
    await stage.world.waitForMessage({ chatId: id, fromBot: true, text: '/buy' })
    await stage.settle()
    expect(stage.world.listFaults().find((one) => one.id === fault)?.struck ?? ATTEMPTS).toBe(ATTEMPTS)
    expect(stage.saidTo(id).filter(({ text }) => text?.includes('Something went wrong'))).toHaveLength(1)
  }
  expect(alerts()).toHaveLength(before + 1)
  expect(await stage.prisma.alert.findUniqueOrThrow({ where: { key: 'inbox.dead-letter' } })).toMatchObject({
    count: 2,
  })
})
