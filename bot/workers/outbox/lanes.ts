import type { ClaimedItem } from '#core/outbox/claim-items.ts'

/** What competes for slots among itself only: a backlog towards the group never holds up a user's answer. */
export type TrafficClass = 'user' | 'relay' | 'rest'
export const trafficClasses: readonly TrafficClass[] = ['user', 'relay', 'rest']

export interface Lane {
  readonly key: string
  readonly traffic: TrafficClass
  /** By id. */
  items: ClaimedItem[]
  /** How many of the first are being sent, or may be: one, or as many texts as one message may carry. */
  underWay: number
}

function trafficOf(priority: number): TrafficClass {
  if (priority <= 0) return 'user'
  return priority === 1 ? 'relay' : 'rest'
}

/** The rows this process holds, by lane: one of a lane at a time, many lanes at once, the longest waiting lane first. */
export class LaneBook {
  private readonly lanes = new Map<string, Lane>()
  private readonly ready: Record<TrafficClass, Lane[]> = { user: [], relay: [], rest: [] }
  private readonly counts: Record<TrafficClass, number> = { user: 0, relay: 0, rest: 0 }
  private readonly running: Record<TrafficClass, number> = { user: 0, relay: 0, rest: 0 }

  add(item: ClaimedItem): void {
    let lane = this.lanes.get(item.lane)
    if (!lane) {
      lane = { key: item.lane, traffic: trafficOf(item.priority), items: [], underWay: 0 }
      this.lanes.set(item.lane, lane)
    }
    const known = lane.items.findIndex(({ id }) => id === item.id)
    if (known >= 0) {
      // Ours again after somebody else had it: whoever still thinks that it is lost means the other one.
      if (known >= lane.underWay) lane.items[known] = item
      return
    }
    this.counts[lane.traffic]++
    const isNext = lane.items.length === 0
    insert(lane, item)
    if (isNext) this.ready[lane.traffic].push(lane)
  }

  /** The next lane that may run, which counts as running from now on. */
  start(traffic: TrafficClass, slots: number): Lane | undefined {
    if (this.running[traffic] >= slots) return undefined
    const lane = this.ready[traffic].shift()
    if (!lane) return undefined
    lane.underWay = 1
    this.running[traffic]++
    return lane
  }

  /** The rows under way have ended. */
  finish(lane: Lane): void {
    this.running[lane.traffic]--
    this.drop(lane, lane.underWay)
    lane.underWay = 0
    if (lane.items.length > 0) this.ready[lane.traffic].push(lane)
    else this.lanes.delete(lane.key)
  }

  /** Takes out all rows of a lane behind those under way. */
  takeRest(lane: Lane): ClaimedItem[] {
    const rest = lane.items.slice(lane.underWay)
    this.counts[lane.traffic] -= rest.length
    lane.items.length -= rest.length
    return rest
  }

  /** Takes out everything that is not being sent. */
  takeIdle(): ClaimedItem[] {
    const idle: ClaimedItem[] = []
    for (const lane of this.lanes.values()) {
      idle.push(...this.takeRest(lane))
      if (lane.items.length === 0) this.lanes.delete(lane.key)
    }
    for (const traffic of trafficClasses) this.ready[traffic] = []
    return idle
  }

  /** Rows taken by somebody else meanwhile, unless they are being sent already. */
  forget(lost: ReadonlySet<ClaimedItem>): void {
    for (const lane of this.lanes.values()) {
      const kept = lane.items.filter((item, index) => !lost.has(item) || index < lane.underWay)
      this.counts[lane.traffic] -= lane.items.length - kept.length
      lane.items = kept
      if (kept.length > 0) continue
      this.lanes.delete(lane.key)
      this.ready[lane.traffic] = this.ready[lane.traffic].filter((other) => other !== lane)
    }
  }

  /** Drops rows from the front of a lane. */
  drop(lane: Lane, count: number): ClaimedItem[] {
    const dropped = lane.items.splice(0, count)
    this.counts[lane.traffic] -= dropped.length
    return dropped
  }

  count(traffic: TrafficClass): number {
    return this.counts[traffic]
  }

  runningCount(): number {
    return this.running.user + this.running.relay + this.running.rest
  }

  all(): ClaimedItem[] {
    return [...this.lanes.values()].flatMap(({ items }) => items)
  }
}

function insert(lane: Lane, item: ClaimedItem): void {
  const id = Number(item.id)
  let index = lane.items.length
  while (index > lane.underWay && Number(lane.items[index - 1]?.id) > id) index--
  lane.items.splice(index, 0, item)
}
