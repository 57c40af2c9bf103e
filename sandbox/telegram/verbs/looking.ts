import type { ControlVerbs, ListMessages, MessageView } from '../control-types.ts'
import { scopeKey } from '../methods/bot.ts'
import { getPerson, getWorldChat } from '../world/chats.ts'
import type { Chat, StoredMessage } from '../world/model.ts'
import type { World } from '../world/world.ts'
import { messageView } from './views.ts'

type LookingVerbs = Pick<ControlVerbs, 'listMessages' | 'getMessage' | 'listCommands'>

export function lookingVerbs(world: World): LookingVerbs {
  return {
    listMessages: (p) => listMessages(world, p),
    getMessage: ({ chatId, messageId, viewerId }) => {
      const message = world.findMessage(getWorldChat(world, chatId), messageId)
      return message ? messageView(world, message, viewerId) : null
    },
    listCommands: ({ userId, chatId }) => listCommands(world, userId, getWorldChat(world, chatId ?? userId)),
  }
}

function listMessages(world: World, p: ListMessages): MessageView[] {
  const chat = getWorldChat(world, p.chatId)
  const fits = (message: StoredMessage) =>
    (p.threadId === undefined || message.threadId === (p.threadId === 'general' ? null : p.threadId)) &&
    (p.beforeMessageId === undefined || message.id < p.beforeMessageId) &&
    (p.afterMessageId === undefined || message.id > p.afterMessageId)
  const all = [...chat.messages.values()].filter(fits)
  return all.slice(-(p.limit ?? 100)).map((message) => messageView(world, message, p.viewerId))
}

/** The narrowest scope that has commands wins, the person's language before none. */
function listCommands(world: World, userId: number, chat: Chat): { command: string; description: string }[] {
  const { language_code: language } = getPerson(world, userId).user
  const status = chat.members.get(userId)
  const isAdmin = status === 'creator' || status === 'administrator'
  const scopes = chat.person
    ? [{ type: 'chat', chat_id: chat.id }, { type: 'all_private_chats' }]
    : [
        { type: 'chat_member', chat_id: chat.id, user_id: userId },
        ...(isAdmin ? [{ type: 'chat_administrators', chat_id: chat.id }] : []),
        { type: 'chat', chat_id: chat.id },
        ...(isAdmin ? [{ type: 'all_chat_administrators' }] : []),
        { type: 'all_group_chats' },
      ]
  for (const scope of [...scopes, { type: 'default' }]) {
    for (const wanted of [language, '']) {
      const found = world.commands.get(scopeKey(scope, wanted))
      if (found && found.length > 0) return found
    }
  }
  return []
}
