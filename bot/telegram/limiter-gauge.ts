import type { CallRank } from '#bot/telegram/limiter-queue.ts'

/** Says how much may go out now. All times in milliseconds of one monotonic clock. */
export interface Gauge {
  /** How long until `cost` fits; 0 when it fits now. */
  waitMs(cost: number, rank: CallRank, now: number): number
  take(cost: number, now: number): void
  /** How much of `rank` fits at once. */
  room(rank: CallRank, now: number): number
  /** Nothing is remembered any more, so the gauge can be thrown away. */
  isIdle(now: number): boolean
}

/** So many per second, with a burst after a quiet while. */
export class TokenGauge implements Gauge {
  private readonly perSecond: number
  private readonly burst: number
  private tokens: number
  private filledAt: number

  constructor(perSecond: number, burst: number, now: number) {
    this.perSecond = perSecond
    this.burst = Math.max(1, burst)
    this.tokens = this.burst
    this.filledAt = now
  }

  waitMs(cost: number, _rank: CallRank, now: number): number {
    this.fill(now)
    // An album that is larger than the burst goes when the bucket is full, and leaves it in debt.
    const missing = Math.min(cost, this.burst) - this.tokens
    return missing <= 0 ? 0 : Math.ceil((missing / this.perSecond) * 1000)
  }

  take(cost: number, now: number): void {
    this.fill(now)
    this.tokens -= cost
  }

  room(_rank: CallRank, now: number): number {
    this.fill(now)
    return Math.max(0, Math.floor(this.tokens))
  }

  isIdle(now: number): boolean {
    this.fill(now)
    return this.tokens >= this.burst
  }

  private fill(now: number): void {
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.filledAt) / 1000) * this.perSecond)
    this.filledAt = now
  }
}

const WINDOW_MS = 60_000
const SLOT_MS = 500

/** What share of the window a rank may fill, so that a person who taps a button never waits for a backlog of relays. */
const shares: readonly [number, number, number, number] = [1, 0.9, 0.7, 0.5]

/** So many in any minute. Counted in half-second slots: 120 numbers per group however high the limit. */
export class WindowGauge implements Gauge {
  private readonly perMinute: number
  private slots: { slot: number; count: number }[] = []
  private used = 0

  constructor(perMinute: number) {
    this.perMinute = Math.max(1, perMinute)
  }

  waitMs(cost: number, rank: CallRank, now: number): number {
    this.forget(now)
    const limit = this.limitOf(rank)
    let over = this.used + Math.min(cost, limit) - limit
    if (over <= 0) return 0
    for (const { slot, count } of this.slots) {
      over -= count
      if (over <= 0) return Math.max(1, expiresAt(slot) - now)
    }
    return WINDOW_MS
  }

  take(cost: number, now: number): void {
    const slot = Math.floor(now / SLOT_MS)
    const last = this.slots.at(-1)
    if (last?.slot === slot) last.count += cost
    else this.slots.push({ slot, count: cost })
    this.used += cost
  }

  room(rank: CallRank, now: number): number {
    this.forget(now)
    return Math.max(0, this.limitOf(rank) - this.used)
  }

  isIdle(now: number): boolean {
    this.forget(now)
    return this.used === 0
  }

  private limitOf(rank: CallRank): number {
    return Math.max(1, Math.floor(this.perMinute * shares[rank]))
  }

  private forget(now: number): void {
    while (this.slots[0] && expiresAt(this.slots[0].slot) <= now) this.used -= this.slots.shift()?.count ?? 0
  }
}

/** A slot leaves the window when its last instant is a minute old. */
function expiresAt(slot: number): number {
  return (slot + 1) * SLOT_MS + WINDOW_MS
}
