import type { BotRights, BotStatus, MemberStatus } from '../control-types.ts'
import type { WireChat, WireUser } from '../wire.ts'
import type { Chat, Person } from './model.ts'
import { allRights, type World } from './world.ts'

export const anonymousBot: WireUser = {
  id: 1087968824,
  is_bot: true,
  first_name: 'Group',
  username: 'GroupAnonymousBot',
}

export function addPerson(world: World, user: WireUser, started: boolean): Person {
  const person: Person = { user, started, blockedBot: false, deactivated: false }
  world.people.set(user.id, person)
  world.chats.set(user.id, newChat(privateChat(user), { person }))
  world.events.emit({ type: 'user', userId: user.id })
  return person
}

export function privateChat(user: WireUser): WireChat {
  return {
    id: user.id,
    first_name: user.first_name,
    ...(user.last_name === undefined ? {} : { last_name: user.last_name }),
    ...(user.username === undefined ? {} : { username: user.username }),
    type: 'private',
  }
}

export function newChat(wire: WireChat, more: Partial<Chat> = {}): Chat {
  return {
    id: wire.id,
    kind: wire.type,
    wire,
    person: null,
    members: new Map(),
    anonymousAdmins: new Set(),
    botStatus: 'member',
    botRights: { ...allRights },
    topics: new Map(),
    general: { name: 'General', closed: false, hidden: false },
    messages: new Map(),
    ownCounter: wire.type === 'supergroup' || wire.type === 'channel' ? 1 : null,
    pinned: [],
    migratedTo: null,
    ...more,
  }
}

export function isForum(chat: Chat): boolean {
  return chat.wire.is_forum === true
}

/** The chat member object of the bot in the given state. */
export function botMember(world: World, status: BotStatus, rights: BotRights): Record<string, unknown> {
  return memberObject(world.bot, status, rights)
}

export function memberObject(
  user: WireUser,
  status: MemberStatus,
  rights: BotRights = allRights,
): Record<string, unknown> {
  switch (status) {
    case 'creator':
      return { user, status, is_anonymous: false }
    case 'administrator':
      return {
        user,
        status,
        can_be_edited: false,
        is_anonymous: false,
        can_manage_chat: true,
        can_manage_video_chats: true,
        can_post_stories: false,
        can_edit_stories: false,
        can_delete_stories: false,
        can_send_welcome_messages: false,
        ...rights,
      }
    case 'member':
    case 'left':
      return { user, status }
    case 'kicked':
      return { user, status, until_date: 0 }
  }
}

/** The person must exist: a mistake in a test should be loud. */
export function getPerson(world: World, userId: number): Person {
  const person = world.people.get(userId)
  if (!person) throw new Error(`no user ${userId} in this world`)
  return person
}

export function getWorldChat(world: World, chatId: number): Chat {
  const chat = world.chats.get(chatId)
  if (!chat) throw new Error(`no chat ${chatId} in this world`)
  return chat
}

/** The bot sees what happens here: every private chat that is open, and groups it has not left. */
export function botListens(chat: Chat): boolean {
  if (chat.person) return !chat.person.blockedBot
  return chat.botStatus === 'administrator' || chat.botStatus === 'member'
}
