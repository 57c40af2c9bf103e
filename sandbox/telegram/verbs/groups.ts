import type { ChatView, ControlVerbs, MemberStatus, NewGroup } from '../control-types.ts'
import type { WireChat } from '../wire.ts'
import { getPerson, getWorldChat, isForum, memberObject, newChat } from '../world/chats.ts'
import { changeBotMembership } from '../world/membership.ts'
import { addMessage, addServiceMessage } from '../world/messages.ts'
import type { Chat } from '../world/model.ts'
import { allRights, type World } from '../world/world.ts'

type GroupVerbs = Pick<
  ControlVerbs,
  | 'createForum'
  | 'createGroup'
  | 'addMember'
  | 'removeMember'
  | 'setBotMembership'
  | 'migrateGroup'
  | 'setChatTitle'
  | 'listChats'
  | 'getChat'
>

export function groupVerbs(world: World): GroupVerbs {
  return {
    createForum: (p) => chatView(createGroup(world, { title: 'Team', ...p, kind: 'supergroup' }, true)),
    createGroup: (p) => chatView(createGroup(world, p ?? {}, false)),
    addMember: ({ chatId, userId, status, anonymous }) => {
      setMember(world, chatId, userId, status ?? 'member')
      if (anonymous) getWorldChat(world, chatId).anonymousAdmins.add(userId)
    },
    removeMember: ({ chatId, userId }) => setMember(world, chatId, userId, 'left'),
    setBotMembership: ({ chatId, status, rights, byUserId }) => {
      const chat = getWorldChat(world, chatId)
      changeBotMembership(
        world,
        chat,
        { status, rights },
        byUserId === undefined ? someAdmin(world, chat) : getPerson(world, byUserId).user,
      )
    },
    migrateGroup: ({ chatId }) => ({ chatId: migrate(world, getWorldChat(world, chatId)).id }),
    setChatTitle: ({ chatId, title, userId }) => {
      const chat = getWorldChat(world, chatId)
      chat.wire = { ...chat.wire, title }
      world.events.emit({ type: 'chat', chatId })
      const user = userId === undefined ? someAdmin(world, chat) : getPerson(world, userId).user
      return addServiceMessage(world, chat, 'new_chat_title', title, { user }).wire
    },
    listChats: (p) => {
      const all = [...world.chats.values()].filter((chat) => isVisible(chat, p?.viewerId))
      return all.map(chatView)
    },
    getChat: ({ chatId }) => chatView(getWorldChat(world, chatId)),
  }
}

function isVisible(chat: Chat, viewerId: number | undefined): boolean {
  if (viewerId === undefined) return true
  return chat.id === viewerId || isMember(chat.members.get(viewerId))
}

const isMember = (status: MemberStatus | undefined) => status !== undefined && status !== 'left' && status !== 'kicked'

function createGroup(world: World, p: NewGroup, forum: boolean): Chat {
  const kind = p.kind ?? 'supergroup'
  const number = world.nextGroupNumber++
  const id = p.id ?? (kind === 'group' ? -number : -1_000_000_000_000 - number)
  if (world.chats.has(id)) throw new Error(`there is a chat ${id} already`)
  const wire: WireChat = { id, title: p.title ?? 'Group', type: kind, ...(forum ? { is_forum: true as const } : {}) }
  const members = new Map<number, MemberStatus>()
  for (const userId of p.memberIds ?? []) members.set(userId, 'member')
  for (const userId of p.adminIds ?? []) members.set(userId, 'administrator')
  if (p.ownerId !== undefined) members.set(p.ownerId, 'creator')
  for (const userId of members.keys()) getPerson(world, userId)
  const chat = newChat(wire, {
    members,
    botStatus: p.botStatus ?? 'administrator',
    botRights: { ...allRights, ...p.botRights },
    // The number 1 belongs to General.
    ownCounter: kind === 'group' ? null : forum ? 2 : 1,
  })
  world.chats.set(id, chat)
  world.events.emit({ type: 'chat', chatId: id })
  return chat
}

function setMember(world: World, chatId: number, userId: number, status: MemberStatus): void {
  const chat = getWorldChat(world, chatId)
  const { user } = getPerson(world, userId)
  const before = chat.members.get(userId) ?? 'left'
  chat.members.set(userId, status)
  world.push('chat_member', {
    chat: chat.wire,
    from: user,
    date: world.nowSeconds(),
    old_chat_member: memberObject(user, before),
    new_chat_member: memberObject(user, status),
  })
  if (!isMember(before) && isMember(status)) addServiceMessage(world, chat, 'new_chat_members', [user], { user })
  if (isMember(before) && !isMember(status)) addServiceMessage(world, chat, 'left_chat_member', user, { user })
  world.events.emit({ type: 'chat', chatId })
}

export function someAdmin(world: World, chat: Chat) {
  for (const [userId, status] of chat.members) {
    if (status === 'creator' || status === 'administrator') return getPerson(world, userId).user
  }
  throw new Error(`chat ${chat.id} has no human admin who could do that`)
}

/** The old chat says where it went, the new one where it came from. */
function migrate(world: World, old: Chat): Chat {
  if (old.kind !== 'group') throw new Error(`chat ${old.id} is not a basic group`)
  const id = -1_000_000_000_000 - world.nextGroupNumber++
  const chat = newChat(
    { id, title: old.wire.title ?? '', type: 'supergroup' },
    { members: new Map(old.members), botStatus: old.botStatus, botRights: { ...old.botRights } },
  )
  world.chats.set(id, chat)
  const user = someAdmin(world, old)
  addServiceMessage(world, old, 'migrate_to_chat_id', id, { user })
  old.migratedTo = id
  const from = addMessage(world, chat, {
    content: { migrate_from_chat_id: old.id },
    from: user,
    authorId: user.id,
    fromBot: false,
    service: 'migrate_from_chat_id',
  })
  world.push('message', from.wire)
  world.events.emit({ type: 'chat', chatId: id })
  return chat
}

function chatView(chat: Chat): ChatView {
  let lastMessage = null
  for (const message of chat.messages.values()) lastMessage = message
  const { first_name: first = '', last_name: last } = chat.wire
  return {
    id: chat.id,
    kind: chat.kind,
    title: chat.wire.title ?? [first, last].filter(Boolean).join(' '),
    isForum: isForum(chat),
    generalClosed: chat.general.closed,
    members: [...chat.members].map(([userId, status]) => ({ userId, status })),
    botStatus: chat.person?.blockedBot ? 'kicked' : chat.botStatus,
    lastMessageId: lastMessage?.id ?? null,
    lastMessageAt: lastMessage?.wire.date ?? null,
    ...(chat.migratedTo === null ? {} : { migratedToChatId: chat.migratedTo }),
  }
}
