import { setTimeout as delay } from 'node:timers/promises'

/** A bot that is killed again and again still answers at last. */
const WITHIN_MS = 120_000
const LOOK_EVERY_MS = 20

/** Looks until something is there; fails with what was waited for when it never comes. */
export async function eventually<T>(
  look: () => T | null | undefined | Promise<T | null | undefined>,
  what: string | (() => string),
  withinMs = WITHIN_MS,
): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== null && found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`waited in vain for ${typeof what === 'string' ? what : what()}`)
    await delay(LOOK_EVERY_MS)
  }
}

/** Works on all of them, so many at once. */
export async function inParallel<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>) {
  const waiting = [...items]
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
