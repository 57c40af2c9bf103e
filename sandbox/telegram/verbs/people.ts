import type { ControlVerbs, NewUser, UserView } from '../control-types.ts'
import type { WireUser } from '../wire.ts'
import { addPerson, getPerson, getWorldChat, privateChat } from '../world/chats.ts'
import { setBlocked } from '../world/membership.ts'
import type { Person } from '../world/model.ts'
import type { World } from '../world/world.ts'

type PeopleVerbs = Pick<
  ControlVerbs,
  'createUser' | 'updateUser' | 'listUsers' | 'blockBot' | 'unblockBot' | 'deactivateUser'
>

export function peopleVerbs(world: World): PeopleVerbs {
  return {
    createUser: (p) => createUser(world, p ?? {}),
    updateUser: ({ userId, ...change }) => updateUser(world, userId, change),
    listUsers: () => [...world.people.values()].map(viewOf),
    blockBot: ({ userId }) => setBlocked(world, getWorldChat(world, userId), true),
    unblockBot: ({ userId }) => setBlocked(world, getWorldChat(world, userId), false),
    deactivateUser: ({ userId }) => {
      getPerson(world, userId).deactivated = true
      world.events.emit({ type: 'user', userId })
    },
  }
}

function createUser(world: World, p: NewUser): WireUser {
  const id = p.id ?? world.nextUserId++
  if (world.people.has(id)) throw new Error(`there is a user ${id} already`)
  return addPerson(world, wireUser(id, { firstName: 'Alex', languageCode: 'en', ...p }), p.started ?? true).user
}

function updateUser(world: World, userId: number, change: NewUser): WireUser {
  const person = getPerson(world, userId)
  const { first_name: firstName, last_name: lastName, username, language_code: languageCode } = person.user
  const isPremium = person.user.is_premium ?? false
  const before: NewUser = {
    firstName,
    isPremium,
    ...(lastName ? { lastName } : {}),
    ...(username ? { username } : {}),
    ...(languageCode ? { languageCode } : {}),
  }
  person.user = wireUser(userId, { ...before, ...change })
  if (change.started !== undefined) person.started = change.started
  getWorldChat(world, userId).wire = privateChat(person.user)
  world.events.emit({ type: 'user', userId })
  return person.user
}

function wireUser(id: number, p: NewUser): WireUser {
  return {
    id,
    is_bot: false,
    first_name: p.firstName ?? '',
    ...(p.lastName ? { last_name: p.lastName } : {}),
    ...(p.username ? { username: p.username } : {}),
    ...(p.languageCode ? { language_code: p.languageCode } : {}),
    ...(p.isPremium ? { is_premium: true as const } : {}),
  }
}

function viewOf({ user, started, blockedBot, deactivated }: Person): UserView {
  return { user, started, blockedBot, deactivated }
}
