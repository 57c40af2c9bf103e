import { badRequest } from '../refusal.ts'
import { isForum } from '../world/chats.ts'
import type { Chat } from '../world/model.ts'
import { pinMessage, unpinMessages } from '../world/pins.ts'
import { isAllowedEmoji, setReaction } from '../world/reactions.ts'
import type { World } from '../world/world.ts'
import type { Call } from './call.ts'
import {
  findMessageTo,
  findOwnChat,
  findTopic,
  findWritableChat,
  requireForum,
  requireRight,
  takeShare,
} from './targets.ts'

const noPinRight = 'not enough rights to manage pinned messages in the chat'

export function pinChatMessage(world: World, call: Call): true {
  const chat = findWritableChat(world, call.params)
  const message = findMessageTo(world, chat, 'pin', call.params['message_id'])
  requireRight(chat, 'can_pin_messages', noPinRight)
  if (message.service !== null) throw badRequest("a service message can't be pinned")
  if (!chat.pinned.includes(message.id)) takeShare(world, chat, call.params)
  pinMessage(world, message, world.bot)
  return true
}

export function unpinChatMessage(world: World, call: Call): true {
  const chat = findOwnChat(world, call.params)
  requireRight(chat, 'can_pin_messages', noPinRight)
  const id = call.params['message_id'] ?? chat.pinned.at(-1)
  if (typeof id !== 'number') throw badRequest('message to unpin not found')
  findMessageTo(world, chat, 'unpin', id)
  unpinMessages(world, chat, [id])
  return true
}

export function unpinAllChatMessages(world: World, call: Call): true {
  return unpinAll(world, findOwnChat(world, call.params), () => true)
}

export function unpinAllForumTopicMessages(world: World, call: Call): true {
  const chat = findOwnChat(world, call.params)
  requireForum(chat)
  const topic = findTopic(chat, call.params['message_thread_id'])
  return unpinAll(world, chat, (threadId) => threadId === topic.id)
}

export function unpinAllGeneralForumTopicMessages(world: World, call: Call): true {
  const chat = findOwnChat(world, call.params)
  if (!isForum(chat)) throw badRequest('the chat is not a forum')
  return unpinAll(world, chat, (threadId) => threadId === null)
}

function unpinAll(world: World, chat: Chat, fits: (threadId: number | null) => boolean): true {
  requireRight(chat, 'can_pin_messages', noPinRight)
  const ids = chat.pinned.filter((id) => fits(chat.messages.get(id)?.threadId ?? null))
  unpinMessages(world, chat, ids)
  return true
}

/** A bot sets at most one reaction, from the fixed list. */
export function setMessageReaction(world: World, call: Call): true {
  const chat = findWritableChat(world, call.params)
  const message = findMessageTo(world, chat, 'react', call.params['message_id'])
  const reaction = call.params['reaction'] ?? []
  if (!Array.isArray(reaction)) throw badRequest("can't parse reaction types JSON object")
  if (reaction.length > 1) throw badRequest('REACTIONS_TOO_MANY')
  for (const { type, emoji } of reaction as { type?: unknown; emoji?: unknown }[]) {
    if (type !== 'emoji' || typeof emoji !== 'string' || !isAllowedEmoji(emoji)) throw badRequest('REACTION_INVALID')
  }
  setReaction(world, message, world.bot.id, reaction)
  return true
}
