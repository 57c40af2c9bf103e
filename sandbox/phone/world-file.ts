import { randomUUID } from 'node:crypto'
import type { World } from '../telegram/world/world.ts'
import { readWhole, writeWhole } from '../whole-file.ts'

const VERSION = 1
/** The world's memory: what a bot that comes back with its own database expects to find again. */
const kept = [
  'people',
  'chats',
  'stars',
  'commands',
  'profile',
  'menuButtons',
  'nextPrivateMessageId',
  'nextUserId',
  'nextGroupNumber',
] as const

interface SavedWorld {
  version: number
  id?: string
  botId: number
  world: Record<string, unknown>
  files: Record<string, unknown>
}

/** Writes the world to a file, whole or not at all. */
export function saveWorld(world: World, path: string, id: string): void {
  const saved: SavedWorld = {
    version: VERSION,
    id,
    botId: world.bot.id,
    world: Object.fromEntries(kept.map((name) => [name, world[name]])),
    files: Object.fromEntries(Object.entries(world.files)),
  }
  writeWhole(path, saved)
}

/** Brings a saved world back, and its id; null if there is none, or one of another bot or of another version of this program. */
export function restoreWorld(world: World, path: string): string | null {
  const saved = readWhole(path) as SavedWorld | null
  if (saved?.version !== VERSION || saved.botId !== world.bot.id) return null
  for (const name of kept) if (saved.world[name] !== undefined) Object.assign(world, { [name]: saved.world[name] })
  Object.assign(world.files, saved.files)
  return saved.id ?? randomUUID()
}
