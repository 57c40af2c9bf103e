import { randomUUID } from 'node:crypto'
import { saveAfterChanges } from '../save-after-changes.ts'
import type { World } from '../telegram/world/world.ts'
import { restoreWorld, saveWorld } from './world-file.ts'

/** Brings back the world of the last run and from now on saves it a moment after each change, and once at the end. */
export function keepWorld(world: World, path: string): { worldId: string; stop(): void } {
  const worldId = restoreWorld(world, path) ?? randomUUID()
  const subscribe = (changed: () => void) =>
    world.events.subscribe((event) => {
      if (event.type !== 'call' && event.type !== 'flood') changed()
    })
  return { worldId, ...saveAfterChanges(subscribe, () => saveWorld(world, path, worldId)) }
}
