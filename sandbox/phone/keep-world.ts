import { saveAfterChanges } from '../save-after-changes.ts'
import type { World } from '../telegram/world/world.ts'
import { restoreWorld, saveWorld } from './world-file.ts'

/** Brings back the world of the last run and from now on saves it a moment after each change, and once at the end. */
export function keepWorld(world: World, path: string): { stop(): void } {
  restoreWorld(world, path)
  const subscribe = (changed: () => void) =>
    world.events.subscribe((event) => {
      if (event.type !== 'call' && event.type !== 'flood') changed()
    })
  return saveAfterChanges(subscribe, () => saveWorld(world, path))
}
