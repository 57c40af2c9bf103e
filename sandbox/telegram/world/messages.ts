import type { WireChat, WireEntity, WireInlineKeyboard, WireMessage, WireUser } from '../wire.ts'
import type { Chat, StoredFile, StoredMessage } from './model.ts'
import type { World } from './world.ts'

/** What a message says: the fields of the wire object that travel with a copy. */
export interface Content {
  text?: string
  entities?: WireEntity[]
  caption?: string
  caption_entities?: WireEntity[]
  [key: string]: unknown
}

export interface Draft {
  content: Content
  from?: WireUser
  senderChat?: WireChat
  authorId: number
  fromBot: boolean
  threadId?: number | null
  replyTo?: StoredMessage | undefined
  file?: StoredFile | null
  service?: string
  protect?: boolean
  keyboard?: WireInlineKeyboard | undefined
  replyKeyboard?: unknown
  mediaGroupId?: string | undefined
  /** Further wire fields: forward_origin, quote, link_preview_options … */
  more?: Record<string, unknown>
}

function nextMessageId(world: World, chat: Chat): number {
  if (chat.ownCounter === null) return world.nextPrivateMessageId++
  return chat.ownCounter++
}

/** Puts a message into its chat. Whether the bot gets an update is the caller's business. */
export function addMessage(world: World, chat: Chat, draft: Draft): StoredMessage {
  const id = nextMessageId(world, chat)
  const wire: WireMessage = { message_id: id, date: world.nowSeconds(), chat: chat.wire }
  if (draft.from) wire.from = draft.from
  if (draft.senderChat) wire.sender_chat = draft.senderChat
  placeInThread(chat, draft, wire)
  if (draft.mediaGroupId !== undefined) wire.media_group_id = draft.mediaGroupId
  if (draft.protect) wire.has_protected_content = true
  Object.assign(wire, draft.more, draft.content)
  if (draft.keyboard) wire.reply_markup = draft.keyboard
  const message: StoredMessage = {
    chat,
    id,
    wire,
    fromBot: draft.fromBot,
    authorId: draft.authorId,
    threadId: draft.threadId ?? null,
    file: draft.file ?? null,
    service: draft.service ?? null,
    replyKeyboard: draft.replyKeyboard,
    reactions: noReactions,
  }
  chat.messages.set(id, message)
  if (chat.messages.size > world.historyPerChat) forgetOldest(chat)
  if (!world.flood?.isRunning) {
    const thread = message.threadId === null ? {} : { threadId: message.threadId }
    world.events.emit({ type: 'message', chatId: chat.id, messageId: id, fromBot: draft.fromBot, ...thread })
  }
  return message
}

/** Shared until somebody reacts: most messages never get a reaction. */
export const noReactions: StoredMessage['reactions'] = new Map()

/**
 * In a topic every message names it, and what replies to nothing replies to the topic's first message. Outside of
 * topics a reply carries the id of its thread's root, without is_topic_message; that id cannot be sent to.
 */
function placeInThread(chat: Chat, draft: Draft, wire: WireMessage): void {
  const { replyTo } = draft
  if (replyTo) wire.reply_to_message = withoutReply(replyTo.wire)
  if (draft.threadId) {
    wire.message_thread_id = draft.threadId
    wire.is_topic_message = true
    const root = chat.topics.get(draft.threadId)?.rootMessage
    if (!replyTo && root) wire.reply_to_message = withoutReply(root.wire)
  } else if (replyTo && chat.kind === 'supergroup') {
    wire.message_thread_id = replyTo.wire.message_thread_id ?? replyTo.id
  }
}

export function withoutReply(wire: WireMessage): WireMessage {
  if (wire.reply_to_message === undefined) return wire
  const { reply_to_message: _, ...rest } = wire
  return rest
}

function forgetOldest(chat: Chat): void {
  for (const id of chat.messages.keys()) {
    if (chat.pinned.includes(id)) continue
    chat.messages.delete(id)
    return
  }
}

/** A service message, which the bot hears of even if it caused it itself. */
export function addServiceMessage(
  world: World,
  chat: Chat,
  service: string,
  value: unknown,
  by: { user: WireUser; threadId?: number | null; senderChat?: WireChat },
): StoredMessage {
  const message = addMessage(world, chat, {
    content: { [service]: value },
    from: by.user,
    ...(by.senderChat ? { senderChat: by.senderChat } : {}),
    authorId: by.user.id,
    fromBot: by.user.id === world.bot.id,
    threadId: by.threadId ?? null,
    service,
  })
  world.push('message', message.wire)
  return message
}

export function noteEdited(world: World, message: StoredMessage): void {
  if (world.flood?.isRunning) return
  const thread = message.threadId === null ? {} : { threadId: message.threadId }
  world.events.emit({
    type: 'edited',
    chatId: message.chat.id,
    messageId: message.id,
    fromBot: message.fromBot,
    ...thread,
  })
}

export function deleteMessage(world: World, chat: Chat, ids: number[]): void {
  for (const id of ids) chat.messages.delete(id)
  chat.pinned = chat.pinned.filter((id) => !ids.includes(id))
  if (ids.length > 0) world.events.emit({ type: 'deleted', chatId: chat.id, messageIds: ids })
}
