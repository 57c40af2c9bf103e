/** No statement that leases rows takes as long. */
const FORGET_AFTER_MS = 60_000

interface PutBack {
  /** How many are being recorded: until then the database takes the rows for ours. */
  open: number
  /** When the last one was recorded, of performance.now(). */
  endedAt: number
}

/**
 * Which lanes had rows put back, and when. A statement that began before that was recorded may still lease us a later row
 * of such a lane; sent at once, it would overtake what was put back.
 */
export class PutBacks {
  readonly #lanes = new Map<string, PutBack>()

  /** Call what it returns when the database knows that rows of the lane are nobody's again. */
  begin(lane: string): () => void {
    const putBack = this.#lanes.get(lane) ?? { open: 0, endedAt: 0 }
    this.#lanes.set(lane, putBack)
    putBack.open++
    return () => {
      putBack.open--
      putBack.endedAt = performance.now()
    }
  }

  /** Whether what a statement leased that began at `since` may have been overtaken by a put-back of the lane. */
  isStale(lane: string, since: number): boolean {
    const putBack = this.#lanes.get(lane)
    return putBack !== undefined && (putBack.open > 0 || putBack.endedAt > since)
  }

  forgetOld(): void {
    const longAgo = performance.now() - FORGET_AFTER_MS
    for (const [lane, { open, endedAt }] of this.#lanes) if (open === 0 && endedAt < longAgo) this.#lanes.delete(lane)
  }
}
