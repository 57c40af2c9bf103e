import type { ApiFault } from './control-types.ts'
import { newId } from './ids.ts'

type Armed = ApiFault & { id: string; left: number }

/** Scripted troubles of the API, used up in the order they were added. */
export class ApiFaults {
  private armed: Armed[] = []
  private readonly stalled = new Set<() => void>()

  add(fault: ApiFault): string {
    const id = newId('fault', 8)
    this.armed.push({ ...fault, id, left: fault.times ?? 1 })
    return id
  }

  /** Ends all troubles; requests that are slow go on at once. */
  clear(): void {
    this.armed = []
    for (const goOn of this.stalled) goOn()
  }

  /** Keeps a slow request waiting, at most until the troubles are cleared. */
  stall(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const goOn = () => {
        clearTimeout(timer)
        this.stalled.delete(goOn)
        resolve()
      }
      const timer = setTimeout(goOn, ms)
      this.stalled.add(goOn)
    })
  }

  /** The fault that hits this request, if any; it is counted as used. */
  take(method: string, path: string): ApiFault | undefined {
    const fault = this.armed.find(
      (candidate) => (candidate.method ?? method) === method && matchesPath(candidate.path, path),
    )
    if (!fault) return undefined
    fault.left -= 1
    if (fault.left <= 0) this.armed = this.armed.filter((candidate) => candidate !== fault)
    return fault
  }
}

function matchesPath(pattern: string | undefined, path: string): boolean {
  if (pattern === undefined) return true
  const wanted = pattern.split('/')
  const given = path.split('/')
  return wanted.length <= given.length && wanted.every((segment, index) => segment === '*' || segment === given[index])
}
