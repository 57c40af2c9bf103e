import type { ControlVerbs, TopicRef, TopicView } from '../control-types.ts'
import { getPerson, getWorldChat } from '../world/chats.ts'
import type { Chat, StoredMessage, Topic } from '../world/model.ts'
import { pinMessage, unpinMessages } from '../world/pins.ts'
import { closeTopic, createTopic, deleteTopic, editTopic, iconColors, reopenTopic } from '../world/topics.ts'
import type { World } from '../world/world.ts'
import { someAdmin } from './groups.ts'
import { messageView } from './views.ts'

type TopicVerbs = Pick<
  ControlVerbs,
  | 'createTopic'
  | 'renameTopic'
  | 'closeTopic'
  | 'reopenTopic'
  | 'deleteTopic'
  | 'pinMessage'
  | 'unpinMessage'
  | 'listTopics'
>

export function topicVerbs(world: World): TopicVerbs {
  const actor = (chat: Chat, userId: number | undefined) =>
    userId === undefined ? someAdmin(world, chat) : getPerson(world, userId).user
  return {
    createTopic: ({ chatId, userId, name, iconColor }) => {
      const chat = getWorldChat(world, chatId)
      const by = getPerson(world, userId).user
      const topic = createTopic(world, chat, { name, iconColor: iconColor ?? iconColors[0] ?? 0, by })
      return topicView(world, chat, topic, [topic.rootMessage])
    },
    renameTopic: (p) => {
      const { chat, topic } = getTopic(world, p)
      editTopic(world, chat, topic, { name: p.name }, actor(chat, p.userId))
    },
    closeTopic: (p) => {
      const { chat, topic } = getTopic(world, p)
      closeTopic(world, chat, topic, actor(chat, p.userId))
    },
    reopenTopic: (p) => {
      const { chat, topic } = getTopic(world, p)
      reopenTopic(world, chat, topic, actor(chat, p.userId))
    },
    deleteTopic: (p) => {
      const { chat, topic } = getTopic(world, p)
      if (!topic) throw new Error('General cannot be deleted')
      deleteTopic(world, chat, topic, p.error ?? 'message thread not found')
    },
    pinMessage: ({ chatId, messageId, userId }) => {
      const chat = getWorldChat(world, chatId)
      const message = world.findMessage(chat, messageId)
      if (!message) throw new Error(`no message ${messageId} in chat ${chatId}`)
      pinMessage(world, message, chat.person ? chat.person.user : actor(chat, userId))
    },
    unpinMessage: ({ chatId, messageId }) => unpinMessages(world, getWorldChat(world, chatId), [messageId]),
    listTopics: ({ chatId, withDeleted }) => {
      const chat = getWorldChat(world, chatId)
      const topics = [...chat.topics.values()].filter((topic) => withDeleted || !topic.deletedError)
      const messages = groupByTopic(chat)
      return topics.map((topic) => topicView(world, chat, topic, messages.get(topic.id) ?? []))
    },
  }
}

/** All topics in one pass: a test that waits for a topic asks again after every change. */
function groupByTopic(chat: Chat): Map<number, StoredMessage[]> {
  const groups = new Map<number, StoredMessage[]>()
  for (const message of chat.messages.values()) {
    if (message.threadId === null) continue
    const group = groups.get(message.threadId)
    if (group) group.push(message)
    else groups.set(message.threadId, [message])
  }
  return groups
}

/** Thread 1 is General. */
function getTopic(world: World, { chatId, threadId }: TopicRef): { chat: Chat; topic: Topic | null } {
  const chat = getWorldChat(world, chatId)
  if (threadId === 1) return { chat, topic: null }
  const topic = chat.topics.get(threadId)
  if (!topic || topic.deletedError) throw new Error(`no topic ${threadId} in chat ${chatId}`)
  return { chat, topic }
}

function topicView(world: World, chat: Chat, topic: Topic, messages: StoredMessage[]): TopicView {
  const last = messages.at(-1)
  return {
    chatId: chat.id,
    threadId: topic.id,
    name: topic.name,
    iconColor: topic.iconColor,
    ...(topic.iconCustomEmojiId === undefined ? {} : { iconCustomEmojiId: topic.iconCustomEmojiId }),
    closed: topic.closed,
    deleted: topic.deletedError !== null,
    pinnedMessageIds: chat.pinned.filter((id) => chat.messages.get(id)?.threadId === topic.id),
    messageCount: messages.length,
    lastMessage: last ? messageView(world, last, undefined) : null,
  }
}
