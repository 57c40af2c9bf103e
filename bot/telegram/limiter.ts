import type { Transformer } from 'grammy'
import { callCost } from '#bot/telegram/call-cost.ts'
import { type Gauge, TokenGauge, WindowGauge } from '#bot/telegram/limiter-gauge.ts'
import { type CallPriority, CallQueue, type CallRank, rankOf } from '#bot/telegram/limiter-queue.ts'

export interface Limits {
  chatPerSecond: number
  groupPerMinute: number
  bulkPerSecond: number
}

/** The process is going down and the call has not left: whoever made it keeps it for later. */
export class LimiterStoppedError extends Error {
  override name = 'LimiterStoppedError'
  constructor() {
    super('Stopped before the call was made')
  }
}

/** Short runs of answers may follow each other at once. */
const CHAT_BURST = 3
/** A longer pause is the caller's to plan; meanwhile the bucket stays shut. */
const LONGEST_WAIT_SECONDS = 60
const MOST_RETRIES = 5
const SWEEP_EVERY_MS = 10_000

/** One chat, group or kind of traffic that has room for only so many calls. */
class Bucket {
  readonly queue = new CallQueue()
  pausedUntil = 0
  private readonly gauge: Gauge
  private timer: NodeJS.Timeout | null = null

  constructor(gauge: Gauge) {
    this.gauge = gauge
  }

  /** Takes room now (null), or promises it. `first` is for a call that had its turn already and was refused. */
  take(cost: number, rank: CallRank, first: boolean, isStopped: boolean): Promise<void> | null {
    const now = performance.now()
    const isFree = now >= this.pausedUntil && (cost === 0 || this.queue.isClearFor(rank))
    if (isFree && (cost === 0 || this.gauge.waitMs(cost, rank, now) === 0)) {
      if (cost > 0) this.gauge.take(cost, now)
      return null
    }
    if (isStopped) return Promise.reject(new LimiterStoppedError())
    return new Promise((proceed, refuse) => {
      this.queue.add({ cost, rank, proceed, refuse }, first)
      this.plan(now)
    })
  }

  pause(seconds: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, performance.now() + seconds * 1000)
  }

  room(rank: CallRank): number {
    const now = performance.now()
    return now < this.pausedUntil || this.queue.length > 0 ? 0 : this.gauge.room(rank, now)
  }

  isIdle(now: number): boolean {
    return this.queue.length === 0 && now >= this.pausedUntil && this.gauge.isIdle(now)
  }

  refuseAll(): void {
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
    for (let call = this.queue.take(); call; call = this.queue.take()) call.refuse(new LimiterStoppedError())
  }

  private plan(now: number): void {
    const next = this.queue.peek()
    if (!next) return
    const roomInMs = next.cost === 0 ? 0 : this.gauge.waitMs(next.cost, next.rank, now)
    // Somebody more urgent may have come: the plan is always for whoever is first now.
    if (this.timer) clearTimeout(this.timer)
    this.timer = setTimeout(() => this.serve(), Math.max(1, roomInMs, this.pausedUntil - now))
  }

  private serve(): void {
    this.timer = null
    const now = performance.now()
    while (now >= this.pausedUntil) {
      const next = this.queue.peek()
      if (!next || (next.cost > 0 && this.gauge.waitMs(next.cost, next.rank, now) > 0)) break
      this.queue.take()
      if (next.cost > 0) this.gauge.take(next.cost, now)
      next.proceed()
    }
    this.plan(now)
  }
}

/**
 * Paces every call of the process. Room is per private chat, per group and, for bulk traffic, over all; a call that
 * Telegram refuses with 429 shuts its own bucket for as long as Telegram says and goes first when it opens again.
 */
export class Limiter {
  private readonly limits: Limits
  private readonly buckets = new Map<number | string, Bucket>()
  private readonly bulk: Bucket
  private sweeper: NodeJS.Timeout | null = null
  private isStopped = false

  constructor(limits: Limits) {
    this.limits = limits
    // Evenly, not in gulps: a tenth of a second's worth at once.
    this.bulk = new Bucket(new TokenGauge(limits.bulkPerSecond, limits.bulkPerSecond / 10, performance.now()))
  }

  /** The transformer for handles whose calls have this priority. */
  at(priority: CallPriority): Transformer {
    const rank = rankOf[priority]
    return (prev, method, payload, signal) => {
      const cost = callCost(method, payload)
      const chatId = 'chat_id' in payload ? payload.chat_id : undefined
      if (cost === null || (typeof chatId !== 'number' && typeof chatId !== 'string'))
        return prev(method, payload, signal)
      return this.run(chatId, cost, rank, () => prev(method, payload, signal))
    }
  }

  /** How many calls of this priority the chat would take at once; 0 while others wait. */
  spare(chatId: number, priority: CallPriority): number {
    return this.bucketOf(chatId).room(rankOf[priority])
  }

  /** Calls that wait are refused, and so is from now on every call that would have to. */
  stop(): void {
    this.isStopped = true
    this.bulk.refuseAll()
    for (const bucket of this.buckets.values()) bucket.refuseAll()
    if (this.sweeper) clearTimeout(this.sweeper)
    this.sweeper = null
  }

  /** How many chats are remembered. */
  get size(): number {
    return this.buckets.size
  }

  private async run<A extends Answer>(chatId: number | string, cost: number, rank: CallRank, call: () => Promise<A>) {
    for (let attempt = 0; ; attempt++) {
      if (rank === rankOf.bulk) {
        const turn = this.bulk.take(Math.max(1, cost), rank, attempt > 0, this.isStopped)
        if (turn) await turn
      }
      const bucket = this.bucketOf(chatId)
      const turn = bucket.take(cost, rank, attempt > 0, this.isStopped)
      if (turn) await turn
      const answer = await call()
      if (answer.ok || answer.error_code !== 429) return answer
      const seconds = answer.parameters?.retry_after ?? 1
      // The bucket may have been swept while the call was on its way.
      this.bucketOf(chatId).pause(seconds)
      if (rank === rankOf.bulk) this.bulk.pause(seconds)
      if (seconds > LONGEST_WAIT_SECONDS || attempt >= MOST_RETRIES) return answer
    }
  }

  private bucketOf(chatId: number | string): Bucket {
    let bucket = this.buckets.get(chatId)
    if (bucket) return bucket
    const isGroup = typeof chatId === 'string' ? !/^\d+$/.test(chatId) : chatId < 0
    const { groupPerMinute, chatPerSecond } = this.limits
    bucket = new Bucket(
      isGroup ? new WindowGauge(groupPerMinute) : new TokenGauge(chatPerSecond, CHAT_BURST, performance.now()),
    )
    this.buckets.set(chatId, bucket)
    if (!this.sweeper && !this.isStopped) this.sweeper = setTimeout(() => this.sweep(), SWEEP_EVERY_MS).unref()
    return bucket
  }

  private sweep(): void {
    const now = performance.now()
    for (const [chatId, bucket] of this.buckets) if (bucket.isIdle(now)) this.buckets.delete(chatId)
    this.sweeper = this.buckets.size > 0 ? setTimeout(() => this.sweep(), SWEEP_EVERY_MS).unref() : null
  }
}

interface Answer {
  ok: boolean
  error_code?: number
  parameters?: { retry_after?: number }
}

/** The pace of the process; `limits` as configured. */
export function createLimiter(limits: Limits): Limiter {
  return new Limiter(limits)
}
