import { Api } from 'grammy'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refusalOf, startPlay, testToken } from './test-play.ts'

let play: Awaited<ReturnType<typeof startPlay>>
let api: Api
let chatId: number
let adminId: number

beforeEach(async () => {
  play = await startPlay()
  api = new Api(testToken, { apiRoot: play.url })
  adminId = play.world.createUser({ firstName: 'Ada' }).id
  chatId = play.world.createForum({ ownerId: adminId }).id
})
afterEach(() => play.standIn.close())

const fetchAll = async () => api.getUpdates({ timeout: 0, allowed_updates: [] })

describe('a topic', () => {
  test('is created with a service message whose id is the thread id, and the bot hears of it', async () => {
    const topic = await api.createForumTopic(chatId, '👤 Bob (7)')
    const [update] = await fetchAll()
    expect(update?.message).toMatchObject({
      message_id: topic.message_thread_id,
      message_thread_id: topic.message_thread_id,
      is_topic_message: true,
      from: { id: 123456 },
      forum_topic_created: { name: '👤 Bob (7)', icon_color: topic.icon_color },
    })
  })

  test('receives messages that name it, and only those are topic messages', async () => {
    const topic = await api.createForumTopic(chatId, 'one')
    const inside = await api.sendMessage(chatId, 'in', { message_thread_id: topic.message_thread_id })
    const general = await api.sendMessage(chatId, 'general')
    expect(inside).toMatchObject({ message_thread_id: topic.message_thread_id, is_topic_message: true })
    expect(inside.reply_to_message).toHaveProperty('forum_topic_created')
    expect(general).not.toHaveProperty('message_thread_id')
    expect(general).not.toHaveProperty('is_topic_message')
  })

  test('General has no id: writing to thread 1 finds no thread', async () => {
    expect(await refusalOf(api.sendMessage(chatId, 'x', { message_thread_id: 1 }))).toBe(
      '400 Bad Request: message thread not found',
    )
  })

  test('replies in General carry a thread id that is no topic and cannot be sent to', async () => {
    const first = play.world.sendText({ userId: adminId, chatId, text: 'first' })
    const reply = play.world.sendText({ userId: adminId, chatId, text: 'second', replyTo: first.message_id })
    expect(reply.message_thread_id).toBe(first.message_id)
    expect(reply).not.toHaveProperty('is_topic_message')
    const sent = api.sendMessage(chatId, 'x', { message_thread_id: first.message_id })
    expect(await refusalOf(sent)).toBe('400 Bad Request: message thread not found')
  })

  test.each(['message thread not found', 'TOPIC_DELETED'] as const)(
    'deleted behind the bot fails as %s, but a chat action is fine',
    async (error) => {
      const { message_thread_id: threadId } = await api.createForumTopic(chatId, 'gone')
      const card = await api.sendMessage(chatId, 'card', { message_thread_id: threadId })
      play.world.deleteTopic({ chatId, threadId, error })
      expect(await refusalOf(api.sendMessage(chatId, 'x', { message_thread_id: threadId }))).toBe(
        `400 Bad Request: ${error}`,
      )
      expect(await refusalOf(api.editMessageText(chatId, card.message_id, 'y'))).toBe(
        '400 Bad Request: message to edit not found',
      )
      expect(await api.sendChatAction(chatId, 'typing', { message_thread_id: threadId })).toBe(true)
    },
  )

  test('closed refuses messages of whoever may not manage it until reopened; closing twice changes nothing', async () => {
    const { message_thread_id: threadId } = await api.createForumTopic(chatId, 'shut')
    await api.closeForumTopic(chatId, threadId)
    await api.sendMessage(chatId, 'into the closed one', { message_thread_id: threadId })
    play.world.setBotMembership({ chatId, rights: { can_manage_topics: false } })
    expect(await refusalOf(api.sendMessage(chatId, 'x', { message_thread_id: threadId }))).toBe(
      '400 Bad Request: TOPIC_CLOSED',
    )
    play.world.setBotMembership({ chatId, rights: { can_manage_topics: true } })
    expect(await refusalOf(api.closeForumTopic(chatId, threadId))).toBe('400 Bad Request: TOPIC_NOT_MODIFIED')
    await api.reopenForumTopic(chatId, threadId)
    await api.sendMessage(chatId, 'open', { message_thread_id: threadId })
  })

  test('cannot be created without the right to manage topics', async () => {
    play.world.setBotMembership({ chatId, rights: { can_manage_topics: false } })
    expect(await refusalOf(api.createForumTopic(chatId, 'x'))).toBe(
      '400 Bad Request: not enough rights to create a topic',
    )
  })

  test('pinning tells the bot by a service message in the same topic', async () => {
    const { message_thread_id: threadId } = await api.createForumTopic(chatId, 'pins')
    const card = await api.sendMessage(chatId, 'card', { message_thread_id: threadId })
    await api.pinChatMessage(chatId, card.message_id)
    const updates = await fetchAll()
    expect(updates.at(-1)?.message).toMatchObject({
      message_thread_id: threadId,
      pinned_message: { message_id: card.message_id },
    })
    expect(play.world.listTopics({ chatId })[0]?.pinnedMessageIds).toEqual([card.message_id])
  })

  test('the bot hears of its own topics and pins but not of its own messages', async () => {
    const { message_thread_id: threadId } = await api.createForumTopic(chatId, 'mine')
    await api.sendMessage(chatId, 'mine too', { message_thread_id: threadId })
    const updates = await fetchAll()
    expect(updates.map(({ message }) => message?.text ?? 'service')).toEqual(['service'])
  })

  test('an anonymous admin writes as the group', async () => {
    const { message_thread_id: threadId } = await api.createForumTopic(chatId, 'anon')
    play.world.sendText({ userId: adminId, chatId, threadId, text: 'hello', anonymous: true })
    const updates = await fetchAll()
    expect(updates.at(-1)?.message).toMatchObject({
      from: { id: 1087968824, username: 'GroupAnonymousBot' },
      sender_chat: { id: chatId },
      message_thread_id: threadId,
    })
  })
})

test('a basic group that became a supergroup refuses with its new id and says so on both sides', async () => {
  const { id } = play.world.createGroup({ kind: 'group', ownerId: adminId })
  const { chatId: newId } = play.world.migrateGroup({ chatId: id })
  await expect(api.sendMessage(id, 'x')).rejects.toMatchObject({
    error_code: 400,
    description: 'Bad Request: group chat was upgraded to a supergroup chat',
    parameters: { migrate_to_chat_id: newId },
  })
  const updates = await fetchAll()
  expect(updates[0]?.message).toMatchObject({ chat: { id }, migrate_to_chat_id: newId })
  expect(updates[1]?.message).toMatchObject({ chat: { id: newId }, migrate_from_chat_id: id })
})

test('a deleted topic is told before a reply that went with it', async () => {
  const { threadId } = play.world.createTopic({ chatId, userId: adminId, name: 'T' })
  const { message_id: id } = play.world.sendText({ userId: adminId, chatId, threadId, text: 'x' })
  play.world.deleteTopic({ chatId, threadId })
  const reply = { message_thread_id: threadId, reply_parameters: { message_id: id } }
  expect(await refusalOf(api.sendMessage(chatId, 'y', reply))).toBe('400 Bad Request: message thread not found')
  expect(await refusalOf(api.copyMessage(chatId, adminId, 999, { message_thread_id: threadId }))).toBe(
    '400 Bad Request: message to copy not found',
  )
})
