import type { OpenUpdate } from '#core/inbox/inbox-update.ts'

/**
 * The updates that this process holds: from before they are stored until the inbox knows that they are finished.
 * Whatever finds an update in the inbox hands it out only when nobody here holds it, so nothing runs twice at once.
 */
export class Claims {
  readonly #held = new Set<number>()
  readonly #watches = new Set<Set<number>>()

  has(updateId: number): boolean {
    return this.#held.has(updateId)
  }

  /** False when it is held already. */
  take(updateId: number): boolean {
    if (this.#held.has(updateId)) return false
    this.#held.add(updateId)
    return true
  }

  release(updateId: number): void {
    this.#held.delete(updateId)
    for (const watch of this.#watches) watch.add(updateId)
  }

  /**
   * Takes what a look into the inbox finds and nobody holds. What was let go while the look was under way may have
   * been finished after it, so it counts as held. `found` tells how much there was in all.
   */
  async takeFound(
    load: () => Promise<OpenUpdate[] | null>,
  ): Promise<{ taken: OpenUpdate[]; found: number; lastId: number } | null> {
    const released = new Set<number>()
    this.#watches.add(released)
    try {
      const rows = await load()
      if (rows === null) return null
      const taken = rows.filter((row) => !released.has(row.updateId) && this.take(row.updateId))
      return { taken, found: rows.length, lastId: rows.at(-1)?.updateId ?? 0 }
    } finally {
      this.#watches.delete(released)
    }
  }
}
