import type { World } from '../telegram/world/world.ts'
import { restoreWorld, saveWorld } from './world-file.ts'

const SAVE_AFTER_MS = 1_000

/** Brings back the world of the last run and from now on saves it a moment after each change, and once at the end. */
export function keepWorld(world: World, path: string): { stop(): void } {
  restoreWorld(world, path)
  let timer: NodeJS.Timeout | undefined
  const save = () => {
    timer = undefined
    saveWorld(world, path)
  }
  const unsubscribe = world.events.subscribe((event) => {
    if (event.type !== 'call' && event.type !== 'flood') timer ??= setTimeout(save, SAVE_AFTER_MS)
  })
  return {
    stop() {
      unsubscribe()
      clearTimeout(timer)
      save()
    },
  }
}
