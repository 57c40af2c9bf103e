import type { SandboxClock } from './clock.ts'
import type { Collection } from './collection.ts'
import type { Delivery, WebhookFaults, WireEvent } from './control-types.ts'
import type { WebhookEndpoint } from './objects/webhook-endpoint.ts'
import type { Timeline } from './timeline.ts'
import { WebhookSender } from './webhook-sender.ts'

type Parcel = { event: WireEvent; endpoint: WebhookEndpoint; copy: number }
type Retries = { firstDelayMs: number; maxDelayMs: number; maxTries: number; timeoutMs: number }
type ReleaseOrder = 'emitted' | 'reversed' | 'shuffled'

const DEFAULT_RETRIES: Retries = { firstDelayMs: 500, maxDelayMs: 30_000, maxTries: 12, timeoutMs: 10_000 }

/**
 * Delivers events to every endpoint that asked for them, each on its own: a failing endpoint is tried again with
 * growing pauses, the same event id and a fresh signature. Faults decide what is late, doubled, lost or held.
 */
export class Webhooks {
  readonly deliveries: Delivery[] = []
  readonly secrets = new Map<string, string>()
  private faults: WebhookFaults = {}
  private retries = DEFAULT_RETRIES
  private held: Parcel[] | undefined
  private underWay = 0
  /** Grows with every reset, so that a send that was on the wire does not plant retries afterwards. */
  private generation = 0
  private readonly timers = new Set<NodeJS.Timeout>()
  private readonly undelivered = new Map<string, number>()
  private readonly sender = new WebhookSender()
  private readonly endpoints: Collection<WebhookEndpoint>
  private readonly clock: SandboxClock
  private readonly timeline: Timeline

  constructor(endpoints: Collection<WebhookEndpoint>, clock: SandboxClock, timeline: Timeline) {
    this.endpoints = endpoints
    this.clock = clock
    this.timeline = timeline
  }

  endpointsFor(type: string): WebhookEndpoint[] {
    return this.endpoints
      .all()
      .filter((endpoint) => endpoint.status === 'enabled')
      .filter(({ enabled_events: wanted }) => wanted.includes('*') || wanted.includes(type))
  }

  deliver(event: WireEvent): void {
    const targets = this.endpointsFor(event.type)
    this.undelivered.set(event.id, targets.length)
    const applies = this.faults.types === undefined || this.faults.types.includes(event.type)
    if (applies && (this.faults.drop ?? 0) > 0 && targets.length > 0) {
      this.faults.drop = (this.faults.drop ?? 0) - 1
      for (const endpoint of targets) this.recordDropped({ event, endpoint, copy: 1 })
      return
    }
    const copies = applies ? (this.faults.copies ?? 1) : 1
    for (const endpoint of targets)
      for (let copy = 1; copy <= copies; copy += 1) {
        const lateMs = applies ? (this.faults.delayMs ?? 0) + Math.random() * (this.faults.shuffleWithinMs ?? 0) : 0
        this.dispatch({ event, endpoint, copy }, lateMs)
      }
  }

  /** Sends the event again, now, whatever the faults say; answers one delivery per endpoint and time. */
  async redeliver(event: WireEvent, times: number): Promise<Delivery[]> {
    const before = this.deliveries.filter((delivery) => delivery.eventId === event.id)
    const lastCopy = Math.max(0, ...before.map((delivery) => delivery.copy))
    const parcels = this.endpointsFor(event.type).flatMap((endpoint) =>
      Array.from({ length: times }, (_, index) => ({ event, endpoint, copy: lastCopy + index + 1 })),
    )
    return await Promise.all(parcels.map((parcel) => this.attempt(parcel, 1)))
  }

  setFaults(faults: WebhookFaults): void {
    this.faults = { ...faults }
  }

  setRetries(change: Partial<Retries>): void {
    this.retries = { ...this.retries, ...change }
  }

  pause(): void {
    this.held ??= []
  }

  resume(order: ReleaseOrder): number {
    const parcels = arrange(this.held ?? [], order)
    this.held = undefined
    for (const parcel of parcels) this.dispatch(parcel, 0)
    return parcels.length
  }

  isIdle(): boolean {
    return this.underWay === 0
  }

  pendingOf(eventId: string): number {
    return this.undelivered.get(eventId) ?? 0
  }

  /** Forgets deliveries, faults and everything waiting; what is on the wire ends by itself. */
  reset(): void {
    for (const timer of this.timers) clearTimeout(timer)
    this.underWay -= this.timers.size
    this.timers.clear()
    this.generation += 1
    this.deliveries.length = 0
    this.undelivered.clear()
    this.faults = {}
    this.retries = DEFAULT_RETRIES
    this.held = undefined
  }

  async close(): Promise<void> {
    this.reset()
    await this.sender.close()
  }

  private dispatch(parcel: Parcel, lateMs: number): void {
    if (this.held) this.held.push(parcel)
    else this.later(lateMs, () => this.deliverWithRetries(parcel, 1))
  }

  private later(delayMs: number, run: () => Promise<void>): void {
    this.underWay += 1
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      void run().finally(() => {
        this.underWay -= 1
        this.timeline.poke()
      })
    }, delayMs)
    this.timers.add(timer)
  }

  private async deliverWithRetries(parcel: Parcel, attempt: number): Promise<void> {
    if (this.held) {
      this.held.push(parcel)
      return
    }
    const generation = this.generation
    const delivery = await this.attempt(parcel, attempt)
    const isStillWanted =
      generation === this.generation && this.endpoints.find(parcel.endpoint.id)?.status === 'enabled'
    if (delivery.state === 'delivered' || attempt >= this.retries.maxTries || !isStillWanted) return
    const pauseMs = Math.min(this.retries.firstDelayMs * 2 ** (attempt - 1), this.retries.maxDelayMs)
    this.later(pauseMs, () => this.deliverWithRetries(parcel, attempt + 1))
  }

  private async attempt(parcel: Parcel, attempt: number): Promise<Delivery> {
    const { event, endpoint, copy } = parcel
    const startedAtMs = this.clock.wallMs()
    const startedMs = performance.now()
    const payload = JSON.stringify(
      { ...event, api_version: endpoint.api_version ?? event.api_version, pending_webhooks: this.pendingOf(event.id) },
      null,
      2,
    )
    const { status, error } = await this.sender.send({
      url: endpoint.url,
      secret: this.secrets.get(endpoint.id) ?? '',
      payload,
      // Receivers compare with their own clock, so the real time signs, not the advanced one.
      atSeconds: Math.floor(Date.now() / 1000),
      timeoutMs: this.retries.timeoutMs,
    })
    const state = status !== null && status >= 200 && status < 300 ? 'delivered' : 'failed'
    if (state === 'delivered') this.undelivered.set(event.id, Math.max(0, this.pendingOf(event.id) - 1))
    return this.record({
      eventId: event.id,
      eventType: event.type,
      url: endpoint.url,
      attempt,
      copy,
      state,
      status,
      error,
      startedAtMs,
      durationMs: Math.round(performance.now() - startedMs),
    })
  }

  private recordDropped({ event, endpoint, copy }: Parcel): void {
    this.record({
      eventId: event.id,
      eventType: event.type,
      url: endpoint.url,
      attempt: 0,
      copy,
      state: 'dropped',
      status: null,
      error: null,
      startedAtMs: this.clock.wallMs(),
      durationMs: 0,
    })
  }

  private record(delivery: Delivery): Delivery {
    this.deliveries.push(delivery)
    this.timeline.publish({ kind: 'delivery', atMs: delivery.startedAtMs, delivery })
    return delivery
  }
}

function arrange(parcels: Parcel[], order: ReleaseOrder): Parcel[] {
  if (order === 'emitted') return parcels
  if (order === 'reversed') return [...parcels].reverse()
  return parcels
    .map((parcel) => ({ parcel, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ parcel }) => parcel)
}
