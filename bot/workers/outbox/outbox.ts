import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { OutboxContext } from '#bot/workers/outbox/context.ts'
import { createOutboxContext, type OutboxDeps } from '#bot/workers/outbox/deps.ts'
import { endOf, endOfError } from '#bot/workers/outbox/ending.ts'
import { createFinisher, type Finisher } from '#bot/workers/outbox/finisher.ts'
import { type Lane, LaneBook, type TrafficClass, trafficClasses } from '#bot/workers/outbox/lanes.ts'
import { type Backoff, exponentialBackoff } from '#bot/workers/outbox/policy.ts'
import { PutBacks } from '#bot/workers/outbox/put-backs.ts'
import { MOST_BUNDLED } from '#bot/workers/outbox/senders/bundle.ts'
import { createCardSweeper } from '#bot/workers/outbox/senders/card.ts'
import { sendItem } from '#bot/workers/outbox/senders/send-item.ts'
import { followGroup } from '#bot/workers/outbox/senders/topic.ts'
import { createTicker } from '#bot/workers/outbox/ticker.ts'
import { type ClaimedItem, claimItems } from '#core/outbox/claim-items.ts'
import { done, released } from '#core/outbox/finish-items.ts'
import {
  giveBackUnheardOf,
  nextDueMs,
  readLeaseClock,
  renewLeases,
  takeBackExpiredItems,
  takeOverItems,
} from '#core/outbox/leases.ts'

export interface OutboxOptions {
  workerId?: string
  leaseSeconds?: number
  /** How often to look for rows without being woken. */
  pollMs?: number
  /** How often to renew leases and to take back those of workers that died. */
  leaseCheckMs?: number
  cardSweepMs?: number
  /** Rows held in memory, per class of traffic. */
  mostHeld?: number
  /** Lanes under way. Fewer cost less memory per call, more leave room for chats that wait for their pace. */
  mostRunning?: Record<TrafficClass, number>
  /** How long a stop waits for calls that are on the wire. */
  stopWithinMs?: number
  backoff?: Backoff
}

/** Sends what is owed to Telegram. */
export interface Outbox {
  /** The owner under which rows are leased. */
  readonly workerId: string
  readonly leaseSeconds: number
  start(): void
  /**
   * Takes rows that were leased to this worker in the transaction that made them. `since` is when that transaction
   * began at the earliest, of performance.now().
   */
  offer(items: readonly ClaimedItem[], since?: number): void
  /** False while there is more to do than fits in memory: leave rows pending then. */
  canTake(): boolean
  /** Rows were added: look now. */
  wake(): void
  /**
   * Claims anew what was leased to this worker on lanes without its hearing of it, so that later rows of the lanes do not
   * overtake it.
   */
  reclaim(laneKeys: readonly string[]): Promise<void>
  /** Takes back at once what other workers hold: this one leads now and they are gone. */
  takeOver(): Promise<void>
  /** Waits for calls on the wire, records them and gives everything else back. */
  stop(): Promise<void>
  /** Telegram gave the team's group a new id. */
  followGroup(toChatId: number): void
  /** Looks a user up anew before the next message. */
  forgetPerson(userId: string): void
  stats(): { held: Record<TrafficClass, number>; running: number }
}

interface Offer {
  items: readonly ClaimedItem[]
  since: number
}

const claimRanges: Record<TrafficClass, readonly [number, number]> = { user: [-100, 0], relay: [1, 1], rest: [2, 100] }

/** The dispatcher: claims, keeps lanes in order, sends, judges failures and records results. */
class Dispatcher implements Outbox {
  readonly workerId: string
  readonly leaseSeconds: number
  private readonly options: Required<Omit<OutboxOptions, 'workerId' | 'leaseSeconds'>>
  private readonly context: OutboxContext
  private readonly finisher: Finisher
  private readonly book = new LaneBook()
  private readonly putBacks = new PutBacks()
  /**
   * Offers that came while a claim was under way, null while none is. They may be later rows of lanes whose first rows
   * the claim took: its answer may come after theirs, and must be acted on first.
   */
  private offersBehindClaim: Offer[] | null = null
  private readonly tickers: { stop(): Promise<void> }[] = []
  private readonly claimer: ReturnType<typeof createTicker>
  private readonly settle: () => Promise<void>
  private readonly stopCalls: () => void
  private readonly sweepCards: () => Promise<void>
  /** Since this process leads: when it took over from another one, by the clock of the leases. */
  private takeover: { at: string | null; until: number } | null = null
  private isStopping = false
  private isCongested = false
  /** Classes of which more is due than fits: what makes room for them looks again, and nothing before. */
  private readonly crowded = new Set<TrafficClass>()

  constructor(deps: OutboxDeps, options: OutboxOptions) {
    this.workerId = options.workerId ?? `outbox-${randomUUID()}`
    this.leaseSeconds = options.leaseSeconds ?? 15
    this.options = {
      pollMs: 1_000,
      leaseCheckMs: 5_000,
      cardSweepMs: 2_000,
      mostHeld: 2_000,
      mostRunning: { user: 256, relay: 128, rest: 64 },
      stopWithinMs: 15_000,
      backoff: exponentialBackoff,
      ...options,
    }
    const { context, settle } = createOutboxContext(deps)
    this.context = context
    this.settle = settle
    this.stopCalls = () => deps.telegram.limiter.stop()
    const sweeper = createCardSweeper(context, deps.telegram.limiter)
    this.sweepCards = () => sweeper.sweep()
    this.finisher = createFinisher(context.sql, this.workerId, context.log)
    const onError = (error: unknown) => context.log.error({ error }, 'outbox cannot read its rows')
    this.claimer = createTicker(() => this.claim(), this.options.pollMs, onError)
  }

  start(): void {
    const onError = (error: unknown) => this.context.log.error({ error }, 'outbox upkeep failed')
    this.claimer.start()
    const leases = createTicker(() => this.keepLeases(), this.options.leaseCheckMs, onError)
    const cards = createTicker(() => this.sweepCards(), this.options.cardSweepMs, onError)
    const late = createTicker(() => this.takeOverRest(), this.options.pollMs, onError)
    for (const ticker of [leases, cards, late]) ticker.start()
    this.tickers.push(leases, cards, late)
  }

  offer(items: readonly ClaimedItem[], since = 0): void {
    if (this.offersBehindClaim) return void this.offersBehindClaim.push({ items, since })
    this.take({ items, since })
    this.pump()
  }

  canTake(): boolean {
    if (this.isStopping) return false
    if (trafficClasses.some((traffic) => this.book.count(traffic) >= this.options.mostHeld)) this.isCongested = true
    return !this.isCongested
  }

  wake(): void {
    if (!this.isStopping) this.claimer.now()
  }

  async reclaim(laneKeys: readonly string[]): Promise<void> {
    const known = this.book.all().map(({ id }) => id)
    if ((await giveBackUnheardOf(this.context.sql, { owner: this.workerId, lanes: laneKeys, known })) > 0) this.wake()
  }

  async takeOver(): Promise<void> {
    this.takeover = { at: null, until: performance.now() + this.leaseSeconds * 1000 }
    await this.takeOverRest()
  }

  async stop(): Promise<void> {
    if (this.isStopping) return
    this.isStopping = true
    const deadline = Date.now() + this.options.stopWithinMs
    // Calls that still wait for room have not left: they come back as rows to release, and cards as outdated.
    this.stopCalls()
    await Promise.all([this.claimer.stop(), ...this.tickers.map((ticker) => ticker.stop())])
    this.release(this.book.takeIdle())
    while (this.book.runningCount() > 0 && Date.now() < deadline) await delay(5)
    await this.finisher.drain(deadline)
    await this.settle()
  }

  followGroup(toChatId: number): void {
    followGroup(this.context, toChatId)
  }

  forgetPerson(userId: string): void {
    this.context.facts.forgetPerson(userId)
  }

  stats() {
    const held = { user: this.book.count('user'), relay: this.book.count('relay'), rest: this.book.count('rest') }
    return { held, running: this.book.runningCount() }
  }

  private take({ items, since }: Offer): void {
    if (this.isStopping) return this.release(items)
    for (const item of items) {
      if (!this.putBacks.isStale(item.lane, since)) this.book.add(item)
      else this.finisher.add(released(item.id), this.putBacks.begin(item.lane))
    }
  }

  /** Starts as many lanes as have slots, people's own chats first. */
  private pump(): void {
    if (this.isStopping) return
    for (const traffic of trafficClasses) {
      for (;;) {
        const lane = this.book.start(traffic, this.options.mostRunning[traffic])
        if (!lane) break
        void this.run(lane)
      }
    }
  }

  /** Sends the first row of a lane. Never rejects: every end of a row is recorded. */
  private async run(lane: Lane): Promise<void> {
    this.dropSupersededReceipts(lane)
    const item = lane.items[0]
    if (!item) return this.book.finish(lane)
    const behind = this.reserveTexts(lane)
    const finish = await sendItem(this.context, item, behind).then(
      (outcome) => endOf(this.context, item, behind, outcome),
      (error: unknown) => endOfError(this.context, item, error, this.options.backoff),
    )
    lane.underWay = 1 + (finish.end.status === 'done' ? finish.end.along.length : 0)
    if (finish.end.status === 'again' || finish.end.status === 'released') {
      // The order of the lane: whatever is behind waits in the database for the first.
      const endPutBack = this.putBacks.begin(lane.key)
      this.release(this.book.takeRest(lane))
      this.finisher.add(finish, () => {
        endPutBack()
        this.onRecorded(lane, finish.end.status === 'again' ? finish.end.afterMs : null)
      })
      return
    }
    this.finisher.add(finish, () => this.onRecorded(lane, null))
  }

  /** Messages that wait behind a message may go along with it: until that is decided nothing may come between them. */
  private reserveTexts(lane: Lane): ClaimedItem[] {
    if (lane.items[0]?.purpose !== 'relay') return []
    let count = 1
    while (count < MOST_BUNDLED && lane.items[count]?.purpose === 'relay') count++
    lane.underWay = count
    return lane.items.slice(1, count)
  }

  private onRecorded(lane: Lane, againAfterMs: number | null): void {
    // What stood by to go along is nobody's turn here any more.
    if (this.isStopping) this.release(this.book.takeRest(lane))
    this.book.finish(lane)
    if (againAfterMs !== null && !this.isStopping) this.claimer.within(againAfterMs)
    if (this.isCongested || (this.hasRoomFor(lane.traffic) && this.crowded.delete(lane.traffic))) this.wake()
    this.pump()
  }

  /** Of receipts that wait for one chat only the newest still says something true. */
  private dropSupersededReceipts(lane: Lane): void {
    if (lane.items[0]?.purpose !== 'receipt' || this.context.settings().receipts !== 'message') return
    let receipts = 1
    while (lane.items[receipts]?.purpose === 'receipt') receipts++
    for (const { id } of this.book.drop(lane, receipts - 1)) this.finisher.add(done(id), () => undefined)
  }

  private release(items: readonly ClaimedItem[]): void {
    for (const { id } of items) this.finisher.add(released(id), () => undefined)
  }

  /** Takes rows for every class that has room, until the database has no more of them that are due. */
  private async claim(): Promise<void> {
    let isDry = true
    for (const traffic of trafficClasses) {
      const limit = Math.min(100, this.options.mostHeld - this.book.count(traffic))
      if (limit > 0 && !(await this.claimSome(traffic, limit))) continue
      isDry = false
      if (this.hasRoomFor(traffic)) this.wake()
      else this.crowded.add(traffic)
    }
    if (!isDry) return
    this.isCongested = false
    const dueMs = await nextDueMs(this.context.sql)
    if (dueMs !== null) this.claimer.within(dueMs)
  }

  private hasRoomFor(traffic: TrafficClass): boolean {
    return this.book.count(traffic) < this.options.mostHeld / 2
  }

  /** Takes up to `limit` lanes' rows of one class, and then what was offered meanwhile. True when more may be due. */
  private async claimSome(traffic: TrafficClass, limit: number): Promise<boolean> {
    const { workerId: owner, leaseSeconds } = this
    const since = performance.now()
    const offers: Offer[] = []
    this.offersBehindClaim = offers
    try {
      const range = claimRanges[traffic]
      const { items, isMoreDue } = await claimItems(this.context.sql, { owner, leaseSeconds, priorities: range, limit })
      this.take({ items, since })
      return isMoreDue
    } finally {
      this.offersBehindClaim = null
      for (const offer of offers) this.take(offer)
      this.pump()
    }
  }

  /** Until leases from before the takeover have ended by themselves. */
  private async takeOverRest(): Promise<void> {
    const { takeover, workerId: owner, leaseSeconds } = this
    if (!takeover || performance.now() > takeover.until) return
    const { sql, log } = this.context
    const clock = takeover.at ?? (await readLeaseClock(sql))
    // Two may have asked for it: the first answer stays.
    takeover.at ??= clock
    const count = await takeOverItems(sql, { owner, at: takeover.at, leaseSeconds })
    if (count === 0) return
    log.info({ count }, 'took over what another worker left')
    this.wake()
  }

  /** Everything here is held for longer first, so that what runs out afterwards is in nobody's hands. */
  private async keepLeases(): Promise<void> {
    const { sql } = this.context
    this.putBacks.forgetOld()
    const owner = this.workerId
    const held = this.book.all()
    if (held.length > 0) {
      const mine = await renewLeases(sql, { owner, ids: held.map(({ id }) => id), leaseSeconds: this.leaseSeconds })
      const lost = new Set(held.filter(({ id }) => !mine.has(id)))
      if (lost.size > 0) this.book.forget(lost)
    }
    if ((await takeBackExpiredItems(sql)) > 0) this.wake()
  }
}

/** The one way out to Telegram for everything that must not be lost. */
export function createOutbox(deps: OutboxDeps, options: OutboxOptions = {}): Outbox {
  return new Dispatcher(deps, options)
}
