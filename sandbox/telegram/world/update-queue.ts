import { setTimeout as delay } from 'node:timers/promises'
import type { UpdateQueueView } from '../control-types.ts'
import { RawResult } from '../raw-result.ts'
import { Refusal } from '../refusal.ts'

export interface QueuedUpdate {
  id: number
  kind: string
  json: string
  expiresAt: number
}

export interface PollParams {
  offset: number
  limit: number
  timeoutSeconds: number
}

interface HeldPoll {
  params: PollParams
  resolve: (result: RawResult) => void
  reject: (reason: Refusal) => void
  timer: NodeJS.Timeout
}

const day = 24 * 3600_000
const maxAnswerBytes = 4 * 1024 * 1024
const conflictText = 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running'
const webhookText =
  "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"

const queryKinds = new Set(['callback_query', 'shipping_query', 'pre_checkout_query'])
const optIn = new Set(['chat_member', 'message_reaction', 'message_reaction_count'])

/** The bot's update queue: what was not confirmed by a later offset is handed out again. */
export class UpdateQueue {
  allowed: string[] | null = null
  webhookUrl = ''
  nextId: number
  lastPolledAt: number | null = null
  /** Makes updates on the spot when a poller asks for more than there is. */
  fill: ((wanted: number) => void) | null = null
  onConfirmed: (nextId: number) => void = () => {}
  onPushed: () => void = () => {}
  /** A poller is held, or was let go without an answer. */
  onWaiting: (waiting: boolean) => void = () => {}
  private entries: QueuedUpdate[] = []
  private again: QueuedUpdate[] = []
  private recent: QueuedUpdate[] = []
  private waiting: HeldPoll | null = null
  private isHeld = false
  private order: 'kept' | 'reverse' | 'shuffle' = 'kept'
  private previousOffset: number | null = null
  private previousAt = 0
  private nextConflictAnswerAt = 0
  private lastPushedAt = 0
  private earliestExpiry = Infinity
  lastDeliveredId = 0
  private readonly now: () => number

  constructor(now: () => number, firstId: number) {
    this.now = now
    this.nextId = firstId
  }

  /** Null where the bot did not subscribe to the kind. */
  push(kind: string, payload: unknown): QueuedUpdate | null {
    const isWanted = this.allowed === null ? !optIn.has(kind) : this.allowed.includes(kind)
    if (!isWanted) return null
    const id = this.takeId()
    return this.append(kind, id, `{"update_id":${id},"${kind}":${JSON.stringify(payload)}}`)
  }

  append(kind: string, id: number, json: string): QueuedUpdate {
    const entry = this.appendQuietly(kind, id, json)
    this.wake()
    this.onPushed()
    return entry
  }

  /** Without waking a held poll: whoever appends many wakes it once. */
  appendQuietly(kind: string, id: number, json: string): QueuedUpdate {
    const entry = { id, kind, json, expiresAt: this.now() + (queryKinds.has(kind) ? 150_000 : day) }
    this.earliestExpiry = Math.min(this.earliestExpiry, entry.expiresAt)
    this.entries.push(entry)
    this.recent.push(entry)
    if (this.recent.length > 2000) this.recent.splice(0, 1000)
    return entry
  }

  /** After a quiet week the real server starts anew at a random number. */
  takeId(): number {
    const now = this.now()
    if (this.lastPushedAt > 0 && now - this.lastPushedAt > 7 * day && this.entries.length === 0) {
      this.nextId = Math.floor(Math.random() * 900_000_000) + 1
    }
    this.lastPushedAt = now
    return this.nextId++
  }

  /** An update once more, with its own id even if it was confirmed, or under a new one. */
  duplicate(updateId: number | undefined, withNewId: boolean): QueuedUpdate {
    const source = updateId === undefined ? this.recent.at(-1) : this.recent.find((entry) => entry.id === updateId)
    if (!source) throw new Error(`no update ${updateId ?? ''} to repeat`)
    if (withNewId) {
      const id = this.takeId()
      return this.append(source.kind, id, source.json.replace(/"update_id":\d+/, `"update_id":${id}`))
    }
    this.again.push(source)
    this.wake()
    return source
  }

  hold(): void {
    this.isHeld = true
  }

  release(order: 'kept' | 'reverse' | 'shuffle'): void {
    this.isHeld = false
    this.order = order
    this.wake()
  }

  drop(): void {
    this.entries = []
    this.again = []
  }

  view(): UpdateQueueView {
    this.expire()
    return {
      pending: this.entries.length + this.again.length,
      nextUpdateId: this.nextId,
      allowedUpdates: this.allowed,
      pollerWaiting: this.waiting !== null,
      held: this.isHeld,
      webhookUrl: this.webhookUrl,
      lastPolledAt: this.lastPolledAt,
    }
  }

  peek(): QueuedUpdate | undefined {
    this.expire()
    return this.isHeld ? undefined : this.entries[0]
  }

  confirm(upTo: number): void {
    let count = 0
    while (count < this.entries.length && (this.entries[count]?.id ?? upTo) < upTo) count++
    if (count === 0) return
    this.entries.splice(0, count)
    this.onConfirmed(upTo)
  }

  /** Answers at once if there is anything, otherwise holds the request. `onGone` hears of a caller that hung up. */
  poll(asked: PollParams, onGone: (left: () => void) => void): RawResult | Promise<RawResult> {
    if (this.webhookUrl !== '') return this.refuseByConflict(webhookText)
    const params = this.throttled(asked)
    this.lastPolledAt = this.now()
    this.moveTo(params.offset)
    const batch = this.take(params.limit)
    if (batch.length > 0 || params.timeoutSeconds === 0) return answerWith(batch)
    // Only a poll that has to wait takes the place of another.
    this.endOlderPoll(conflictText)
    return this.holdPoll(params, onGone)
  }

  endOlderPoll(text: string): void {
    const older = this.waiting
    if (!older) return
    this.waiting = null
    clearTimeout(older.timer)
    this.refuseByConflict(text).catch(older.reject)
  }

  /** The first conflict is told at once, a further one within 3 s late. */
  private async refuseByConflict(text: string): Promise<never> {
    const now = Date.now()
    if (now < this.nextConflictAnswerAt) await delay(3000, undefined, { ref: false })
    else this.nextConflictAnswerAt = now + 3000
    throw new Refusal(409, text)
  }

  close(): void {
    const poll = this.waiting
    this.waiting = null
    if (poll) clearTimeout(poll.timer)
  }

  wake(): void {
    const poll = this.waiting
    if (!poll || this.isHeld || (this.entries.length === 0 && this.again.length === 0 && !this.fill)) return
    const batch = this.take(poll.params.limit)
    if (batch.length === 0) return
    this.waiting = null
    clearTimeout(poll.timer)
    poll.resolve(answerWith(batch))
  }

  private holdPoll(params: PollParams, onGone: (left: () => void) => void): Promise<RawResult> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        if (this.waiting === held) this.waiting = null
        resolve(answerWith([]))
      }, params.timeoutSeconds * 1000)
      const held: HeldPoll = { params, resolve, reject, timer }
      this.waiting = held
      this.onWaiting(true)
      onGone(() => {
        if (this.waiting !== held) return
        this.waiting = null
        clearTimeout(timer)
        this.onWaiting(false)
      })
    })
  }

  /** Polls of the same offset in quick succession are slowed down, as a badly written loop is by the real server. */
  private throttled(asked: PollParams): PollParams {
    const now = Date.now()
    const isRepeat = this.previousOffset === asked.offset
    const sinceMs = now - this.previousAt
    this.previousOffset = asked.offset
    this.previousAt = now
    const limit = isRepeat && sinceMs < 500 ? 1 : asked.limit
    const timeoutSeconds = isRepeat && sinceMs < 3000 && asked.timeoutSeconds < 3 ? 3 : asked.timeoutSeconds
    return { offset: asked.offset, limit, timeoutSeconds }
  }

  /** Forgets what the offset confirms. An offset from the future, or none, starts at the head. */
  private moveTo(offset: number): void {
    if (offset < 0) {
      const first = this.entries.at(offset)
      if (first) this.confirm(first.id)
    } else if (offset <= this.nextId) {
      this.confirm(offset)
    }
  }

  private take(limit: number): QueuedUpdate[] {
    if (this.isHeld) return []
    this.expire()
    if (this.fill && this.entries.length < limit) this.fill(limit - this.entries.length)
    const batch = this.again.splice(0, limit)
    let bytes = 0
    for (const entry of this.entries) {
      if (batch.length >= limit) break
      bytes += entry.json.length
      if (bytes > maxAnswerBytes && batch.length > 0) break
      batch.push(entry)
    }
    this.lastDeliveredId = Math.max(this.lastDeliveredId, batch.at(-1)?.id ?? 0)
    return this.reordered(batch)
  }

  private reordered(batch: QueuedUpdate[]): QueuedUpdate[] {
    const order = this.order
    if (order === 'kept' || batch.length === 0) return batch
    this.order = 'kept'
    if (order === 'reverse') return batch.reverse()
    return batch
      .map((entry) => ({ entry, key: Math.random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ entry }) => entry)
  }

  private expire(): void {
    const now = this.now()
    if (now < this.earliestExpiry) return
    this.entries = this.entries.filter((entry) => entry.expiresAt > now)
    this.earliestExpiry = this.entries.reduce((earliest, entry) => Math.min(earliest, entry.expiresAt), Infinity)
  }
}

function answerWith(batch: QueuedUpdate[]): RawResult {
  return new RawResult(`[${batch.map((entry) => entry.json).join(',')}]`, batch.length)
}
