import type { Claims } from '#bot/ingest/claims.ts'
import type { IngestLimits } from '#bot/ingest/limits.ts'
import { type Item, newItem, type Work, workFrom } from '#bot/ingest/work.ts'
import type { OpenUpdate } from '#core/inbox/inbox-update.ts'

/** What became of an item. `kept`: somebody else lets go of its updates when they are marked. */
export type ItemEnd = { next: 'release' } | { next: 'keep' } | { next: 'retry'; attempts: number; inMs: number }

export interface LanesDeps {
  limits: IngestLimits
  claims: Claims
  /** Runs one attempt to its end. Must not throw. The signal fires when this process may not go on. */
  attempt(item: Item, signal: AbortSignal): Promise<ItemEnd>
  /** More of a lane's open updates from the inbox; null when it could not be asked before the signal. */
  loadMore(lane: string, afterUpdateId: number, limit: number, signal: AbortSignal): Promise<OpenUpdate[] | null>
}

interface Lane {
  key: string
  queue: Work[]
  running: Item | null
  /** Failed and due again; nothing overtakes it. */
  retry: Item | null
  timer: ReturnType<typeof setTimeout> | undefined
  /** Some of its updates wait in the inbox alone. */
  spilled: boolean
  /** More was spilled since the last look into the inbox began. */
  spilledAgain: boolean
  loading: boolean
  /** The last update that came into memory. */
  lastId: number
}

const MAX_ALBUM_PARTS = 10
/** Of a lane, however little room there is: what the inbox keeps is read again, and not one by one. */
const SMALLEST_SHARE = 5
const ABORTED_SETTLE_MS = 500

/**
 * Keeps updates in order: one item at a time per lane, first come first served, all lanes side by side.
 * Closed until `open()` is called; `close()` forgets what has not begun, because it stays in the inbox.
 */
export class Lanes {
  readonly #deps: LanesDeps
  readonly #lanes = new Map<string, Lane>()
  readonly #running = new Set<Item>()
  readonly #waiters = new Set<() => void>()
  #term: AbortController | null = null
  #draining = false
  #buffered = 0

  constructor(deps: LanesDeps) {
    this.#deps = deps
  }

  get buffered(): number {
    return this.#buffered
  }

  get size(): number {
    return this.#lanes.size
  }

  get room(): number {
    return this.#deps.limits.maxBuffered - this.#buffered
  }

  open(): void {
    this.#term = new AbortController()
  }

  close(): void {
    this.#term?.abort()
    this.#term = null
    for (const lane of this.#lanes.values()) this.#abandon(lane)
  }

  /** Takes charge of a claimed update; when the lanes are closed or its lane is full it is left to the inbox. */
  add(work: Work): void {
    if (!this.#term || this.#draining) {
      this.#deps.claims.release(work.updateId)
      return
    }
    const lane = this.#lanes.get(work.lane) ?? this.#newLane(work.lane)
    if (lane.spilled || lane.queue.length >= this.#share()) {
      lane.spilled = true
      lane.spilledAgain = true
      this.#deps.claims.release(work.updateId)
      return
    }
    this.#append(lane, work)
    this.#pump(lane)
  }

  /** The lanes of which a part is in the inbox alone, and which fetch it themselves. */
  spilledLanes(): string[] {
    return [...this.#lanes.values()].filter((lane) => lane.spilled).map((lane) => lane.key)
  }

  /** Resolves when there is room for a good batch again, or when the signal fires. */
  async waitForRoom(signal: AbortSignal): Promise<void> {
    const enough = Math.min(100, Math.ceil(this.#deps.limits.maxBuffered / 2))
    await this.#until(() => this.room >= enough, signal)
  }

  /**
   * Lets what can run now run to its end; what would have to wait (a retry, an unfinished album) is left to the inbox.
   * At the deadline the rest is asked to stop. Afterwards the lanes are closed.
   */
  async drain(timeoutMs: number): Promise<void> {
    this.#draining = true
    for (const lane of this.#lanes.values()) this.#pump(lane)
    await this.#until(() => this.#buffered === 0, AbortSignal.timeout(timeoutMs))
    this.close()
    for (const item of this.#running) item.controller?.abort()
    await this.#until(() => this.#running.size === 0, AbortSignal.timeout(ABORTED_SETTLE_MS))
  }

  #newLane(key: string): Lane {
    const lane: Lane = {
      key,
      queue: [],
      running: null,
      retry: null,
      timer: undefined,
      spilled: false,
      spilledAgain: false,
      loading: false,
      lastId: 0,
    }
    this.#lanes.set(key, lane)
    return lane
  }

  /** How much of a lane is held: less and less once half of the buffer is taken, so that many noisy lanes leave room. */
  #share(): number {
    const { maxBuffered, maxLaneBuffered } = this.#deps.limits
    const share = Math.floor((maxLaneBuffered * 2 * this.room) / maxBuffered)
    return Math.min(maxLaneBuffered, Math.max(SMALLEST_SHARE, share))
  }

  #append(lane: Lane, work: Work): void {
    lane.queue.push(work)
    lane.lastId = work.updateId
    this.#buffered += 1
  }

  /** Starts what the lane may start now, or arranges to be called again. */
  #pump(lane: Lane): void {
    if (lane.running || lane.loading || !this.#term) return this.#removeIfIdle(lane)
    clearTimeout(lane.timer)
    lane.timer = undefined
    const now = performance.now()
    const waiting = lane.retry ?? lane.queue[0]
    if (!waiting) return lane.spilled && !this.#draining ? void this.#refill(lane) : this.#removeIfIdle(lane)
    if (waiting.notBefore > now) return this.#wait(lane, waiting.notBefore - now)
    if (lane.retry) return this.#start(lane, lane.retry)
    const parts = this.#albumParts(lane)
    if (parts === lane.queue.length && parts < MAX_ALBUM_PARTS && lane.queue[0]?.albumId) {
      // The other parts may be in the inbox.
      if (lane.spilled) return this.#draining ? this.#abandon(lane) : void this.#refill(lane)
      const waitMs = this.#albumWaitMs(lane, now)
      if (waitMs > 0) return this.#wait(lane, waitMs)
    }
    this.#start(lane, newItem(lane.key, lane.queue.splice(0, parts)))
  }

  #albumParts(lane: Lane): number {
    const albumId = lane.queue[0]?.albumId ?? null
    if (albumId === null) return 1
    let parts = 1
    while (parts < MAX_ALBUM_PARTS && lane.queue[parts]?.albumId === albumId) parts += 1
    return parts
  }

  #albumWaitMs(lane: Lane, now: number): number {
    const { albumQuietMs, albumMaxMs } = this.#deps.limits
    const first = lane.queue[0]?.arrivedAt ?? now
    const last = lane.queue.at(-1)?.arrivedAt ?? now
    return Math.min(last + albumQuietMs, first + albumMaxMs) - now
  }

  #wait(lane: Lane, ms: number): void {
    if (this.#draining) return this.#abandon(lane)
    lane.timer = setTimeout(() => this.#pump(lane), Math.ceil(ms))
  }

  #start(lane: Lane, item: Item): void {
    const term = this.#term
    if (!term) return
    lane.retry = null
    lane.running = item
    this.#running.add(item)
    void this.#deps.attempt(item, term.signal).then((end) => this.#finish(lane, item, end, term))
  }

  #finish(lane: Lane, item: Item, end: ItemEnd, term: AbortController): void {
    lane.running = null
    this.#running.delete(item)
    if (end.next === 'retry' && !term.signal.aborted) {
      item.attempts = end.attempts
      item.notBefore = performance.now() + end.inMs
      lane.retry = item
    } else {
      this.#buffered -= item.works.length
      if (end.next !== 'keep') for (const work of item.works) this.#deps.claims.release(work.updateId)
    }
    this.#pump(lane)
    this.#wake()
  }

  /** Fetches what did not fit into memory. Until the inbox has no more of it, new updates of the lane go there too. */
  async #refill(lane: Lane): Promise<void> {
    const term = this.#term
    if (!term) return
    const { claims } = this.#deps
    const limit = this.#share()
    lane.loading = true
    lane.spilledAgain = false
    const page = await claims.takeFound(() => this.#deps.loadMore(lane.key, lane.lastId, limit, term.signal))
    lane.loading = false
    if (page && term.signal.aborted) for (const row of page.taken) claims.release(row.updateId)
    if (page && !term.signal.aborted) {
      if (page.found < limit && !lane.spilledAgain) lane.spilled = false
      if (page.found > 0) lane.lastId = page.lastId
      for (const row of page.taken) this.#append(lane, workFrom(row))
    }
    this.#pump(lane)
  }

  /** Forgets what has not begun. */
  #abandon(lane: Lane): void {
    clearTimeout(lane.timer)
    const works = [...(lane.retry?.works ?? []), ...lane.queue]
    lane.retry = null
    lane.queue = []
    lane.spilled = false
    lane.timer = undefined
    this.#buffered -= works.length
    for (const work of works) this.#deps.claims.release(work.updateId)
    this.#removeIfIdle(lane)
    this.#wake()
  }

  #removeIfIdle(lane: Lane): void {
    const idle = !lane.running && !lane.loading && !lane.retry && lane.queue.length === 0 && !lane.spilled
    if (idle && this.#lanes.get(lane.key) === lane) this.#lanes.delete(lane.key)
  }

  #wake(): void {
    for (const waiter of this.#waiters) waiter()
  }

  #until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition() && !signal.aborted) return
        this.#waiters.delete(check)
        signal.removeEventListener('abort', check)
        resolve()
      }
      this.#waiters.add(check)
      signal.addEventListener('abort', check)
      check()
    })
  }
}
