import type { BotRights, BotStatus } from '../control-types.ts'
import type { WireUser } from '../wire.ts'
import { botMember, memberObject } from './chats.ts'
import type { Chat } from './model.ts'
import type { World } from './world.ts'

/** The bot's place in a group changes; it hears of it by my_chat_member. */
export function changeBotMembership(
  world: World,
  chat: Chat,
  change: { status?: BotStatus | undefined; rights?: Partial<BotRights> | undefined },
  by: WireUser,
): void {
  const before = botMember(world, chat.botStatus, chat.botRights)
  if (change.status !== undefined) chat.botStatus = change.status
  chat.botRights = { ...chat.botRights, ...change.rights }
  world.push('my_chat_member', {
    chat: chat.wire,
    from: by,
    date: world.nowSeconds(),
    old_chat_member: before,
    new_chat_member: botMember(world, chat.botStatus, chat.botRights),
  })
  world.events.emit({ type: 'chat', chatId: chat.id })
}

/** In private chats the bot is told only when it is blocked and unblocked. */
export function setBlocked(world: World, chat: Chat, blocked: boolean): void {
  const { person } = chat
  if (!person || person.blockedBot === blocked) return
  person.blockedBot = blocked
  const [before, after] = blocked ? (['member', 'kicked'] as const) : (['kicked', 'member'] as const)
  world.push('my_chat_member', {
    chat: chat.wire,
    from: person.user,
    date: world.nowSeconds(),
    old_chat_member: memberObject(world.bot, before),
    new_chat_member: memberObject(world.bot, after),
  })
  world.events.emit({ type: 'user', userId: person.user.id })
}
