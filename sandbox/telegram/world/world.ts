import type { BotRights, CallbackAnswer, CallRecord, LimitsOption, Violation } from '../control-types.ts'
import type { TrafficLog } from '../traffic-log.ts'
import type { WireUser } from '../wire.ts'
import { CallCounters } from './call-counters.ts'
import { EventHub } from './events.ts'
import { FaultBoard } from './fault-board.ts'
import { FileStore } from './files.ts'
import type { Flood } from './flood.ts'
import { Limiter } from './limiter.ts'
import type { Chat, Person, StoredMessage } from './model.ts'
import { createStarBooks } from './star-books.ts'
import { UpdateQueue } from './update-queue.ts'
import { WebhookDelivery } from './webhook-delivery.ts'

export interface Callback {
  id: string
  expiresAt: number
  answer: CallbackAnswer | null
}

export interface PendingCheckout {
  id: string
  expiresAt: number
  /** Null where the bot did not answer in time. */
  settle: (answer: { ok: boolean; reason: string } | null) => void
}

export interface WorldOptions {
  bot: WireUser
  limits?: LimitsOption | undefined
  callbackDeadlineMs?: number | undefined
  clock?: (() => number) | undefined
  traffic?: TrafficLog | undefined
  historyPerChat?: number | undefined
  strict?: boolean | undefined
}

export const allRights: BotRights = {
  can_manage_topics: true,
  can_delete_messages: true,
  can_pin_messages: true,
  can_restrict_members: true,
  can_promote_members: true,
  can_change_info: true,
  can_invite_users: true,
}

/** Everything there is around one bot. Verbs and methods are functions over it. */
export class World {
  readonly bot: WireUser
  readonly events: EventHub
  readonly queue: UpdateQueue
  readonly webhook: WebhookDelivery
  readonly limiter: Limiter
  readonly faults = new FaultBoard()
  readonly traffic: TrafficLog | undefined
  readonly callbackDeadlineMs: number
  readonly isStrict: boolean
  historyPerChat: number
  files = new FileStore()
  counters = new CallCounters()
  people = new Map<number, Person>()
  chats = new Map<number, Chat>()
  callbacks = new Map<string, Callback>()
  checkouts = new Map<string, PendingCheckout>()
  stars = createStarBooks()
  commands = new Map<string, { command: string; description: string }[]>()
  profile = new Map<string, string>()
  menuButtons = new Map<number, unknown>()
  calls: CallRecord[] = []
  violations: Violation[] = []
  flood: Flood | null = null
  nextPrivateMessageId = 1
  nextUserId = 500_000_001
  nextGroupNumber = 1_900_000_001
  private callSeq = 0
  private offsetMs = 0
  private readonly clock: () => number

  constructor(options: WorldOptions) {
    this.bot = options.bot
    this.clock = options.clock ?? Date.now
    this.callbackDeadlineMs = options.callbackDeadlineMs ?? 15_000
    this.isStrict = options.strict ?? true
    this.historyPerChat = options.historyPerChat ?? 50_000
    this.limiter = new Limiter(options.limits)
    this.traffic = options.traffic
    this.events = new EventHub(() => this.now())
    this.queue = new UpdateQueue(() => this.now(), Math.floor(Math.random() * 800_000_000) + 1)
    this.webhook = new WebhookDelivery(this.queue)
    this.queue.onWaiting = (waiting) => this.events.emit({ type: 'polling', waiting })
    this.queue.onConfirmed = (nextId) => this.confirmed(nextId)
  }

  now(): number {
    return this.clock() + this.offsetMs
  }

  nowSeconds(): number {
    return Math.floor(this.now() / 1000)
  }

  advance(ms: number): void {
    this.offsetMs += ms
    for (const { expiresAt, settle } of this.checkouts.values()) if (expiresAt <= this.now()) settle(null)
    this.queue.wake()
  }

  /** Queues an update for the bot, if it subscribed to the kind. */
  push(kind: string, payload: unknown): void {
    const entry = this.queue.push(kind, payload)
    if (!entry) return
    this.traffic?.update(entry.json)
    this.events.emit({ type: 'update', updateId: entry.id, kind })
  }

  record(call: Omit<CallRecord, 'seq'>): void {
    const kept: CallRecord = { seq: ++this.callSeq, ...call }
    this.calls.push(kept)
    if (this.calls.length > 6000) this.calls.splice(0, 3000)
    this.events.emit({ type: 'call', call: kept })
  }

  noteViolation(violation: Violation): void {
    if (this.violations.length < 1000) this.violations.push(violation)
    this.traffic?.violation(violation)
    this.events.emit({ type: 'violation', violation })
  }

  findMessage(chat: Chat, messageId: number): StoredMessage | undefined {
    return chat.messages.get(messageId) ?? this.flood?.findMessage(chat, messageId)
  }

  resetCounters(): void {
    this.counters = new CallCounters()
  }

  clear(): void {
    this.people = new Map()
    this.chats = new Map()
    this.callbacks = new Map()
    this.checkouts = new Map()
    this.stars = createStarBooks()
    this.commands = new Map()
    this.profile = new Map()
    this.menuButtons = new Map()
    this.files = new FileStore()
    this.counters = new CallCounters()
    this.calls = []
    this.violations = []
    this.flood?.stop()
    this.flood = null
    this.faults.clear()
    this.queue.drop()
    this.events.emit({ type: 'reset' })
  }

  private confirmed(nextId: number): void {
    this.flood?.noteConfirmed(nextId)
    if (!this.flood?.isRunning) this.events.emit({ type: 'confirmed', nextUpdateId: nextId })
  }
}
