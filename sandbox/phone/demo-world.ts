import type { ControlVerbs, NewUser } from '../telegram/control-types.ts'
import type { Setup } from './setup.ts'

export interface DemoOptions {
  worldId: string
  groupId: number
  ownerId: number
  publicUrl: string
  bot: Setup['bot']
}

/** People whose names are as different as real ones. Their numbers never change, so a database may remember them. */
const customers: (NewUser & { id: number })[] = [
  { id: 2_000_001, firstName: 'Ann', lastName: 'Lee', username: 'ann_lee', languageCode: 'en' },
  { id: 2_000_002, firstName: 'Boris 🚀', lastName: 'بوريس الطيّب', username: 'boris', languageCode: 'en' },
]

/** Makes the people and the team's forum, unless a world that was kept has them already. */
export function createDemoWorld(world: ControlVerbs, options: DemoOptions): Setup {
  const { groupId, ownerId, bot } = options
  const owner = { id: ownerId, firstName: 'Olivia', lastName: 'Marsh', username: 'olivia', languageCode: 'en' }
  const known = new Set(world.listUsers().map(({ user }) => user.id))
  for (const person of [...customers, owner]) if (!known.has(person.id)) world.createUser({ ...person, started: false })
  // Who sets a bot up presses Start once; without that it could not tell its owner of trouble.
  world.updateUser({ userId: ownerId, started: true })
  if (!world.listChats().some(({ id }) => id === groupId))
    world.createForum({ id: groupId, title: `${bot.name} team`, ownerId, botStatus: 'administrator' })
  return { ...options, peopleIds: [...customers.map(({ id }) => id), ownerId] }
}
