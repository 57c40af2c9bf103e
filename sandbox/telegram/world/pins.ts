import type { WireUser } from '../wire.ts'
import { addServiceMessage, withoutReply } from './messages.ts'
import type { Chat, StoredMessage } from './model.ts'
import type { World } from './world.ts'

/** Pins and says so with a service message; a message that is pinned already stays as it is. */
export function pinMessage(world: World, message: StoredMessage, by: WireUser): void {
  const { chat } = message
  if (chat.pinned.includes(message.id)) return
  chat.pinned.push(message.id)
  world.events.emit({ type: 'pin', chatId: chat.id, messageId: message.id, pinned: true })
  addServiceMessage(world, chat, 'pinned_message', withoutReply(message.wire), { user: by, threadId: message.threadId })
}

export function unpinMessages(world: World, chat: Chat, ids: number[]): void {
  for (const id of ids) {
    if (!chat.pinned.includes(id)) continue
    chat.pinned = chat.pinned.filter((pinned) => pinned !== id)
    world.events.emit({ type: 'pin', chatId: chat.id, messageId: id, pinned: false })
  }
}
