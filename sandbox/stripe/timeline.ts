import type { TimelineEntry } from './control-types.ts'

type Listener = (entry: TimelineEntry | 'poke') => void

/** Everything that happens, told to whoever listens; the base of the event stream and of waiting. */
export class Timeline {
  private readonly listeners = new Set<Listener>()

  publish(entry: TimelineEntry): void {
    this.tell(entry)
  }

  /** Lets waiters look again after a change that is no entry of its own. */
  poke(): void {
    this.tell('poke')
  }

  private tell(entry: TimelineEntry | 'poke'): void {
    for (const listener of [...this.listeners]) listener(entry)
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /**
   * Resolves with the first value `look` finds, now or after any later happening.
   * Fails after `timeoutMs` with a sentence saying what was waited for.
   */
  waitUntil<T>(look: () => T | undefined, options: { timeoutMs?: number | undefined; what: string }): Promise<T> {
    const found = look()
    if (found !== undefined) return Promise.resolve(found)
    const timeoutMs = options.timeoutMs ?? 10_000
    return new Promise((resolve, reject) => {
      const stop = this.subscribe(() => {
        const value = look()
        if (value === undefined) return
        clearTimeout(timer)
        stop()
        resolve(value)
      })
      const timer = setTimeout(() => {
        stop()
        reject(new Error(`nothing within ${timeoutMs} ms: ${options.what}`))
      }, timeoutMs)
    })
  }
}
