import type { MemberStatus } from '../control-types.ts'
import { badRequest } from '../refusal.ts'
import { memberObject } from '../world/chats.ts'
import { changeBotMembership } from '../world/membership.ts'
import { addServiceMessage } from '../world/messages.ts'
import type { Chat, Person } from '../world/model.ts'
import type { World } from '../world/world.ts'
import type { Call } from './call.ts'
import { findOwnChat, findWritableChat, requireRight } from './targets.ts'

const gifts = {
  unlimited_gifts: true,
  limited_gifts: true,
  unique_gifts: true,
  premium_subscription: true,
  gifts_from_channels: true,
}

export function getChat(world: World, call: Call): Record<string, unknown> {
  const chat = findOwnChat(world, call.params)
  const pinned = chat.pinned.at(-1)
  const pinnedMessage = pinned === undefined ? undefined : chat.messages.get(pinned)?.wire
  return {
    ...chat.wire,
    accent_color_id: Math.abs(chat.id) % 7,
    max_reaction_count: 11,
    accepted_gift_types: gifts,
    ...(chat.person
      ? {}
      : { permissions: { can_send_messages: true, can_manage_topics: false, can_pin_messages: false } }),
    ...(pinnedMessage ? { pinned_message: pinnedMessage } : {}),
  }
}

export function getChatMember(world: World, call: Call): Record<string, unknown> {
  const chat = findOwnChat(world, call.params)
  const userId = call.params['user_id']
  if (userId === world.bot.id && !chat.person) return memberObject(world.bot, chat.botStatus, chat.botRights)
  const person = typeof userId === 'number' ? world.people.get(userId) : undefined
  if (!person) throw badRequest('PARTICIPANT_ID_INVALID')
  if (chat.person) return memberObject(person.user, 'member')
  return memberOf(chat, person)
}

export function getChatAdministrators(world: World, call: Call): Record<string, unknown>[] {
  const chat = findOwnChat(world, call.params)
  if (chat.person) throw badRequest('there are no administrators in the private chat')
  const list: Record<string, unknown>[] = []
  for (const [userId, status] of chat.members) {
    const person = world.people.get(userId)
    if (person && isAdmin(status)) list.push(memberOf(chat, person))
  }
  if (chat.botStatus === 'administrator') list.push(memberObject(world.bot, chat.botStatus, chat.botRights))
  return list
}

function memberOf(chat: Chat, { user }: Person): Record<string, unknown> {
  const status = chat.members.get(user.id) ?? 'left'
  const member = memberObject(user, status)
  return isAdmin(status) ? { ...member, is_anonymous: chat.anonymousAdmins.has(user.id) } : member
}

const isAdmin = (status: MemberStatus) => status === 'creator' || status === 'administrator'

export function getChatMemberCount(world: World, call: Call): number {
  const chat = findOwnChat(world, call.params)
  return chat.person ? 2 : countMembers(chat) + 1
}

function countMembers(chat: Chat): number {
  return [...chat.members.values()].filter((status) => status !== 'left' && status !== 'kicked').length
}

export function leaveChat(world: World, call: Call): true {
  const chat = findOwnChat(world, call.params)
  if (chat.person) throw badRequest("chat member status can't be changed in private chats")
  changeBotMembership(world, chat, { status: 'left' }, world.bot)
  return true
}

export function setChatTitle(world: World, call: Call): true {
  const chat = findWritableChat(world, call.params)
  if (chat.person) throw badRequest("can't change private chat title")
  requireRight(chat, 'can_change_info', 'not enough rights to change chat title')
  const title = call.params['title']
  if (typeof title !== 'string' || title === '') throw badRequest('title must be non-empty')
  if (title === chat.wire.title) throw badRequest('CHAT_NOT_MODIFIED')
  renameChat(world, chat, title)
  addServiceMessage(world, chat, 'new_chat_title', title, { user: world.bot })
  return true
}

function renameChat(world: World, chat: Chat, title: string): void {
  chat.wire = { ...chat.wire, title }
  world.events.emit({ type: 'chat', chatId: chat.id })
}
