import type { WorldEvent, WorldEventBody } from '../control-types.ts'

/** What happened, for the phone page and for tests that wait: the last few thousand events, and whoever listens. */
export class EventHub {
  private readonly kept: WorldEvent[] = []
  private readonly listeners = new Set<(event: WorldEvent) => void>()
  private readonly now: () => number
  private readonly capacity = 5000
  private seq = 0

  constructor(now: () => number) {
    this.now = now
  }

  get lastSeq(): number {
    return this.seq
  }

  get hasListeners(): boolean {
    return this.listeners.size > 0
  }

  emit(body: WorldEventBody): void {
    const event: WorldEvent = { seq: ++this.seq, at: this.now(), ...body }
    this.kept.push(event)
    if (this.kept.length > this.capacity * 2) this.kept.splice(0, this.capacity)
    for (const listener of this.listeners) listener(event)
  }

  since(seq: number): WorldEvent[] {
    return this.kept.filter((event) => event.seq > seq)
  }

  subscribe(listener: (event: WorldEvent) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}
