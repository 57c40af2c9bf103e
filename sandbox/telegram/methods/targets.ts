import { badRequest, forbidden, Refusal, tooManyRequests } from '../refusal.ts'
import { type Params, textOf, violation } from '../schema/read-params.ts'
import { isForum } from '../world/chats.ts'
import type { Chat, StoredMessage, Topic } from '../world/model.ts'
import type { World } from '../world/world.ts'

const groupNames = {
  private: 'private chat',
  group: 'group chat',
  supergroup: 'supergroup chat',
  channel: 'channel chat',
}

/** The chat a call speaks of, whether or not the bot may write there. */
function findChat(world: World, params: Params, key = 'chat_id'): Chat {
  const id = params[key]
  if (id === undefined || id === '') throw badRequest(`${key} is empty`)
  const chat = typeof id === 'number' ? world.chats.get(id) : findByUsername(world, textOf(params, key))
  if (!chat) throw badRequest('chat not found')
  if (chat.migratedTo !== null) {
    throw new Refusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
      migrate_to_chat_id: chat.migratedTo,
    })
  }
  return chat
}

function findByUsername(world: World, name: string): Chat | undefined {
  const wanted = name.replace(/^@/, '').toLowerCase()
  for (const chat of world.chats.values()) if (chat.wire.username?.toLowerCase() === wanted && !chat.person) return chat
  return undefined
}

/** The bot is in the chat; anything else it does there follows. */
export function findOwnChat(world: World, params: Params, key = 'chat_id'): Chat {
  const chat = findChat(world, params, key)
  const { person } = chat
  if (person) {
    if (!person.started) throw badRequest('chat not found')
    return chat
  }
  if (chat.botStatus === 'kicked') throw forbidden(`bot was kicked from the ${groupNames[chat.kind]}`)
  if (chat.botStatus === 'left') throw forbidden(`bot is not a member of the ${groupNames[chat.kind]}`)
  return chat
}

/** The bot may write to the chat. */
export function findWritableChat(world: World, params: Params): Chat {
  const chat = findOwnChat(world, params)
  if (chat.person?.deactivated) throw forbidden('user is deactivated')
  if (chat.person?.blockedBot) throw forbidden('bot was blocked by the user')
  return chat
}

/** Refuses with 429 once the chat, the group or everything together has had its share. */
export function takeShare(world: World, chat: Chat, params: Params, count = 1): void {
  const wait = world.limiter.take(chat.id, chat.person === null, count, params['allow_paid_broadcast'] === true)
  if (wait > 0) throw tooManyRequests(wait)
}

/** The topic to write to; null for General and for chats without topics. */
export function findOpenThread(chat: Chat, threadId: unknown, replyTo: StoredMessage | undefined): number | null {
  if (threadId === undefined || (threadId === 0 && !isForum(chat))) {
    if (replyTo?.threadId) return findOpenThread(chat, replyTo.threadId, undefined)
    if (isForum(chat) && chat.general.closed) throw badRequest('TOPIC_CLOSED')
    return null
  }
  if (!isForum(chat)) {
    // A thread id is ignored in ordinary supergroups; elsewhere there is nothing it could mean.
    if (chat.kind === 'supergroup') return null
    throw badRequest('message thread not found')
  }
  const topic = findTopic(chat, threadId)
  // Whoever manages topics may write into a closed one, and it stays closed.
  if (topic.closed && !(chat.botStatus === 'administrator' && chat.botRights.can_manage_topics))
    throw badRequest('TOPIC_CLOSED')
  return topic.id
}

/** The server knows a topic that is gone before it looks at the reply; TOPIC_DELETED comes only with the sending. */
export function requireKnownThread(chat: Chat, threadId: unknown): void {
  if (threadId === undefined || !isForum(chat)) return
  const topic = typeof threadId === 'number' ? chat.topics.get(threadId) : undefined
  if (topic?.deletedError !== 'TOPIC_DELETED') findTopic(chat, threadId)
}

export function findTopic(chat: Chat, threadId: unknown): Topic {
  const topic = typeof threadId === 'number' && threadId !== 1 ? chat.topics.get(threadId) : undefined
  if (!topic) throw badRequest('message thread not found')
  if (topic.deletedError) throw badRequest(topic.deletedError)
  return topic
}

export function requireForum(chat: Chat): void {
  if (!isForum(chat)) throw badRequest('the chat is not a forum')
}

export function requireRight(chat: Chat, right: keyof Chat['botRights'], text: string): void {
  if (chat.person) return
  if (chat.botStatus !== 'administrator' || !chat.botRights[right]) throw badRequest(text)
}

export function findMessageTo(world: World, chat: Chat, what: string, messageId: unknown): StoredMessage {
  if (typeof messageId !== 'number') throw badRequest('message identifier is not specified')
  const message = world.findMessage(chat, messageId)
  if (!message) throw badRequest(`message to ${what} not found`)
  return message
}

interface Reply {
  message: StoredMessage | undefined
  more: Record<string, unknown>
}

const replyKeys = new Set(
  'message_id chat_id allow_sending_without_reply quote quote_parse_mode quote_entities quote_position'.split(' '),
)

/** What a message replies to, by reply_parameters or the older reply_to_message_id. */
export function findReply(world: World, chat: Chat, params: Params): Reply {
  const given = params['reply_parameters'] as Params | undefined
  if (given === undefined && params['reply_to_message_id'] === undefined) return { message: undefined, more: {} }
  const reply = given ?? { message_id: params['reply_to_message_id'] }
  for (const key of Object.keys(reply))
    if (!replyKeys.has(key)) throw violation(`unknown field "${key}" of reply_parameters`)
  const other = reply['chat_id'] === undefined ? chat : findOwnChat(world, reply)
  const message = typeof reply['message_id'] === 'number' ? world.findMessage(other, reply['message_id']) : undefined
  if (!message) {
    if (reply['allow_sending_without_reply'] === true) return { message: undefined, more: {} }
    throw badRequest('message to be replied not found')
  }
  const more: Record<string, unknown> = {}
  if (typeof reply['quote'] === 'string') more['quote'] = readQuote(message, reply['quote'])
  if (other === chat) return { message, more }
  more['external_reply'] = { origin: messageOrigin(message) }
  return { message: undefined, more }
}

function readQuote(message: StoredMessage, quote: string): Record<string, unknown> {
  const position = (message.wire.text ?? message.wire.caption ?? '').indexOf(quote)
  if (position < 0) throw badRequest('QUOTE_TEXT_INVALID')
  return { text: quote, position, is_manual: true }
}

export function messageOrigin(message: StoredMessage): Record<string, unknown> {
  const earlier = message.wire['forward_origin']
  if (typeof earlier === 'object' && earlier !== null) return earlier as Record<string, unknown>
  const { sender_chat: senderChat, from, date } = message.wire
  if (senderChat) return { type: 'chat', date, sender_chat: senderChat }
  return { type: 'user', date, sender_user: from }
}
