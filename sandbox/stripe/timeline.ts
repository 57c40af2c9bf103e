import type { TimelineEntry } from './control-types.ts'

/** An entry, or a change that is none of its own. */
type Happening = TimelineEntry | 'poke'
type Listener = (entry: Happening) => void

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

  private tell(entry: Happening): void {
    // A listener added or gone while telling is no trouble: a Set's iteration allows both.
    for (const listener of this.listeners) listener(entry)
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /**
   * Resolves with the first value found: by `lookBack` among what has happened, then by `look` at each happening.
   * Fails after `timeoutMs` with a sentence saying what was waited for.
   */
  waitUntil<T>(
    lookBack: () => T | undefined,
    options: { timeoutMs?: number | undefined; what: string; look?: (entry: Happening) => T | undefined },
  ): Promise<T> {
    const found = lookBack()
    if (found !== undefined) return Promise.resolve(found)
    const timeoutMs = options.timeoutMs ?? 10_000
    const look = options.look ?? lookBack
    return new Promise((resolve, reject) => {
      const stop = this.subscribe((entry) => {
        const value = look(entry)
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
