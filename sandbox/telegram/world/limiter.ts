import type { Limits, LimitsOption } from '../control-types.ts'

/** About what is known of the real limits, which are unpublished and vary. */
const telegramLimits: Limits = {
  chatPerSecond: 1,
  chatBurst: 5,
  groupPerMinute: 20,
  groupBurst: 20,
  bulkPerSecond: 30,
  bulkBurst: 30,
}
const noLimits: Limits = {
  chatPerSecond: 0,
  chatBurst: 0,
  groupPerMinute: 0,
  groupBurst: 0,
  bulkPerSecond: 0,
  bulkBurst: 0,
}

interface Bucket {
  tokens: number
  at: number
}

/** Token buckets per chat, per group and over all. */
export class Limiter {
  private limits: Limits = telegramLimits
  private isOff = false
  private readonly buckets = new Map<string | number, Bucket>()

  constructor(option: LimitsOption = 'telegram') {
    this.set(option)
  }

  set(option: LimitsOption): void {
    if (option === 'telegram') this.limits = telegramLimits
    else if (option === 'off') this.limits = noLimits
    else this.limits = { ...noLimits, ...withBursts(option) }
    this.isOff = !this.limits.chatPerSecond && !this.limits.groupPerMinute && !this.limits.bulkPerSecond
    this.buckets.clear()
  }

  /** Takes `count` sends, or says after how many seconds to come again (then nothing is taken). */
  take(chatId: number, isGroup: boolean, count: number, isPaidBroadcast: boolean): number {
    if (this.isOff) return 0
    const now = performance.now()
    const { limits } = this
    const chat = isGroup
      ? this.bucket(chatId, limits.groupPerMinute / 60, limits.groupBurst, now)
      : this.bucket(chatId, limits.chatPerSecond, limits.chatBurst, now)
    const bulk = isPaidBroadcast ? null : this.bucket('bulk', limits.bulkPerSecond, limits.bulkBurst, now)
    const waitSeconds = Math.max(missing(chat, count), missing(bulk, count))
    if (waitSeconds > 0) return Math.max(1, Math.ceil(waitSeconds))
    if (chat) chat.bucket.tokens -= count
    if (bulk) bulk.bucket.tokens -= count
    return 0
  }

  private bucket(key: string | number, perSecond: number, burst: number, now: number) {
    if (perSecond === 0) return null
    let bucket = this.buckets.get(key)
    if (!bucket) {
      bucket = { tokens: burst, at: now }
      this.buckets.set(key, bucket)
    }
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond)
    bucket.at = now
    return { bucket, perSecond, burst }
  }
}

function missing(limit: { bucket: Bucket; perSecond: number; burst: number } | null, count: number): number {
  if (!limit) return 0
  // An album larger than the burst passes when the bucket is full.
  const needed = Math.min(count, limit.burst)
  return limit.bucket.tokens >= needed ? 0 : (needed - limit.bucket.tokens) / limit.perSecond
}

function withBursts(option: Partial<Limits>): Partial<Limits> {
  return {
    chatBurst: option.chatPerSecond ?? 0,
    groupBurst: option.groupPerMinute ?? 0,
    bulkBurst: option.bulkPerSecond ?? 0,
    ...option,
  }
}
