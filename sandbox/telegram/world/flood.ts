import type { FloodProgress, FloodReport, FloodSpec } from '../control-types.ts'
import { addPerson } from './chats.ts'
import { noReactions } from './messages.ts'
import type { Chat, StoredMessage } from './model.ts'
import type { World } from './world.ts'

let nextRun = 1

/**
 * Text messages of many users, made as the pollers take them or by the clock. Nothing is kept per message but a few
 * bytes: a message is worked out again from its number when the bot copies or answers it.
 */
export class Flood {
  isRunning = true
  private readonly world: World
  private readonly spec: FloodSpec
  private readonly marker: string
  private readonly firstMessageId: number
  private readonly users: { id: number; json: string }[] = []
  private readonly createdAt: Float64Array
  private readonly latency: Float64Array
  private readonly arrivals: Uint8Array
  private readonly startedAt = performance.now()
  private endedAt: number | null = null
  private firstUpdateId: number | null = null
  private created = 0
  private confirmed = 0
  private arrived = 0
  private duplicates = 0
  private timer: NodeJS.Timeout | null = null

  constructor(world: World, spec: FloodSpec) {
    this.world = world
    this.spec = spec
    this.marker = `~${nextRun++}f`
    this.createdAt = new Float64Array(spec.messages)
    this.latency = new Float64Array(spec.messages).fill(-1)
    this.arrivals = new Uint8Array(spec.messages)
    this.makeUsers()
    this.firstMessageId = world.nextPrivateMessageId
    world.nextPrivateMessageId += spec.messages
  }

  start(): void {
    const { queue } = this.world
    if (this.spec.ratePerSecond === undefined) {
      queue.fill = (wanted) => this.make(wanted, performance.now())
      queue.wake()
      return
    }
    const perMs = this.spec.ratePerSecond / 1000
    this.timer = setInterval(() => {
      const due = Math.floor((performance.now() - this.startedAt) * perMs) - this.created
      // The moment a message was due counts, not the moment the timer came round to it.
      this.make(due, null)
      queue.wake()
    }, 5)
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer)
    this.timer = null
    this.world.queue.fill = null
    if (this.isRunning) this.endedAt = performance.now()
    this.isRunning = false
  }

  /** A message of the flood, as if it had been kept. */
  findMessage(chat: Chat, messageId: number): StoredMessage | undefined {
    const seq = messageId - this.firstMessageId
    const user = this.users[seq % this.users.length]
    const person = user && this.world.people.get(user.id)
    if (seq < 0 || seq >= this.created || chat.id !== user?.id || !person) return undefined
    const wire = {
      message_id: messageId,
      date: this.world.nowSeconds(),
      chat: chat.wire,
      from: person.user,
      text: this.textOf(seq),
    }
    return {
      chat,
      id: messageId,
      wire,
      fromBot: false,
      authorId: person.user.id,
      threadId: null,
      file: null,
      service: null,
      replyKeyboard: undefined,
      reactions: noReactions,
    }
  }

  /** Looks which of ours arrive with a message of the bot; copies and forwards carry the text, and it may hold several. */
  noteText(toChatId: number, text: string | undefined): void {
    if (text === undefined) return
    let at = text.indexOf(this.marker)
    while (at >= 0) {
      const from = at + this.marker.length
      this.noteArrival(toChatId, Number.parseInt(text.slice(from, from + 12), 10))
      at = text.indexOf(this.marker, from)
    }
  }

  noteConfirmed(nextUpdateId: number): void {
    if (this.firstUpdateId === null) return
    this.confirmed = Math.min(this.created, Math.max(this.confirmed, nextUpdateId - this.firstUpdateId))
  }

  progress(): FloodProgress {
    return {
      messages: this.spec.messages,
      created: this.created,
      delivered: this.delivered(),
      confirmed: this.confirmed,
      arrived: this.arrived,
      duplicates: this.duplicates,
      running: this.isRunning,
      elapsedMs: (this.endedAt ?? performance.now()) - this.startedAt,
    }
  }

  report(): FloodReport {
    return { ...this.progress(), latencyMs: this.latencies(), missing: this.missing() }
  }

  private delivered(): number {
    if (this.firstUpdateId === null) return 0
    return Math.min(this.created, Math.max(0, this.world.queue.lastDeliveredId - this.firstUpdateId + 1))
  }

  private makeUsers(): void {
    const first = this.spec.firstUserId ?? 700_000_001
    for (let id = first; id < first + this.spec.users; id++) {
      const person =
        this.world.people.get(id) ??
        addPerson(this.world, { id, is_bot: false, first_name: `Flood ${id - first + 1}`, language_code: 'en' }, true)
      const chat = this.world.chats.get(id)
      this.users.push({ id, json: `"from":${JSON.stringify(person.user)},"chat":${JSON.stringify(chat?.wire)}` })
    }
  }

  private make(wanted: number, now: number | null): void {
    const until = Math.min(this.created + wanted, this.spec.messages)
    const date = this.world.nowSeconds()
    while (this.created < until) {
      const seq = this.created++
      const id = this.world.queue.takeId()
      this.firstUpdateId ??= id
      this.createdAt[seq] = now ?? this.startedAt + (seq * 1000) / (this.spec.ratePerSecond ?? 1000)
      const user = this.users[seq % this.users.length]
      const message = `"message_id":${this.firstMessageId + seq},${user?.json ?? ''},"date":${date},"text":"${this.textOf(seq)}"`
      const json = `{"update_id":${id},"message":{${message}}}`
      this.world.traffic?.update(json)
      this.world.queue.appendQuietly('message', id, json)
    }
    if (this.created >= this.spec.messages) this.allCreated()
  }

  private allCreated(): void {
    if (this.timer) clearInterval(this.timer)
    this.timer = null
    this.world.queue.fill = null
  }

  private textOf(seq: number): string {
    return `${this.spec.text ?? 'hello'} ${this.marker}${seq}`
  }

  private noteArrival(toChatId: number, seq: number): void {
    if (!(seq >= 0 && seq < this.created)) return
    const { arrivalChatId } = this.spec
    const counts =
      arrivalChatId === undefined ? this.users[seq % this.users.length]?.id !== toChatId : arrivalChatId === toChatId
    if (!counts) return
    const times = this.arrivals[seq] ?? 0
    if (times < 255) this.arrivals[seq] = times + 1
    if (times > 0) {
      this.duplicates++
      return
    }
    this.arrived++
    this.latency[seq] = performance.now() - (this.createdAt[seq] ?? 0)
    if (this.arrived === this.spec.messages) this.finish()
  }

  private finish(): void {
    this.endedAt = performance.now()
    this.isRunning = false
    this.world.events.emit({ type: 'flood', report: this.report() })
  }

  private latencies(): FloodReport['latencyMs'] {
    const sorted = this.latency.filter((ms) => ms >= 0).sort()
    if (sorted.length === 0) return null
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0
    const mean = sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length
    return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1), mean }
  }

  private missing(): number[] {
    const missing: number[] = []
    for (let seq = 0; seq < this.created && missing.length < 100; seq++) if (this.arrivals[seq] === 0) missing.push(seq)
    return missing
  }
}
