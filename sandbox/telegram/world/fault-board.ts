import type { FaultSpec, FaultView } from '../control-types.ts'

export interface FaultTarget {
  method: string
  chatId: number | undefined
  threadId: number | undefined
}

interface ActiveFault {
  view: FaultView
  methods: Set<string> | null
  endsAt: number
  left: number
  toSkip: number
}

/** Faults on demand: the first one that fits a call strikes. */
export class FaultBoard {
  private readonly active = new Map<string, ActiveFault>()
  private nextNumber = 1

  get isEmpty(): boolean {
    return this.active.size === 0
  }

  add(spec: FaultSpec): FaultView {
    const id = `fault-${this.nextNumber++}`
    const isTimed = spec.forMs !== undefined && spec.times === undefined
    const times = isTimed || spec.times === 0 ? Number.POSITIVE_INFINITY : (spec.times ?? 1)
    const methods = spec.method === undefined ? null : new Set([spec.method].flat().map((name) => name.toLowerCase()))
    const view = { ...spec, id, struck: 0 }
    const endsAt = spec.forMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + spec.forMs
    this.active.set(id, { view, methods, endsAt, left: times, toSkip: spec.skip ?? 0 })
    return view
  }

  list(): FaultView[] {
    this.forgetEnded()
    return [...this.active.values()].map(({ view }) => ({ ...view }))
  }

  remove(id: string): void {
    this.active.delete(id)
  }

  clear(): void {
    this.active.clear()
  }

  strike(target: FaultTarget): FaultView | null {
    this.forgetEnded()
    for (const fault of this.active.values()) {
      if (!fits(fault, target)) continue
      if (fault.toSkip > 0) {
        fault.toSkip--
        continue
      }
      if (fault.view.probability !== undefined && Math.random() >= fault.view.probability) continue
      fault.view.struck++
      if (--fault.left <= 0) this.active.delete(fault.view.id)
      return { ...fault.view }
    }
    return null
  }

  private forgetEnded(): void {
    for (const [id, fault] of this.active) if (Date.now() >= fault.endsAt) this.active.delete(id)
  }
}

function fits(fault: ActiveFault, target: FaultTarget): boolean {
  const { chatId, threadId } = fault.view
  if (fault.methods ? !fault.methods.has(target.method.toLowerCase()) : target.method === 'getUpdates') return false
  return (chatId === undefined || chatId === target.chatId) && (threadId === undefined || threadId === target.threadId)
}
