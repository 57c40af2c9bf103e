/** Runs one thing again and again, never twice at once. */
export interface Ticker {
  start(): void
  /** Runs as soon as the present run, if any, is over. */
  now(): void
  /** Runs in so many milliseconds at the latest. */
  within(ms: number): void
  /** No further runs; resolves when the present one is over. */
  stop(): Promise<void>
}

/** A ticker that runs at least every `everyMs`; errors go to `onError` and the next run comes all the same. */
export function createTicker(run: () => Promise<void>, everyMs: number, onError: (error: unknown) => void): Ticker {
  let timer: NodeJS.Timeout | null = null
  let dueAt = Number.POSITIVE_INFINITY
  let present: Promise<void> | null = null
  let isWanted = false
  let isStopped = true

  function plan(ms: number) {
    if (isStopped) return
    const at = performance.now() + ms
    if (at >= dueAt) return
    if (timer) clearTimeout(timer)
    dueAt = at
    timer = setTimeout(tick, ms)
  }

  function tick() {
    timer = null
    dueAt = Number.POSITIVE_INFINITY
    if (present) {
      isWanted = true
      return
    }
    present = run()
      .catch(onError)
      .finally(() => {
        present = null
        plan(isWanted ? 0 : everyMs)
        isWanted = false
      })
  }

  return {
    start() {
      isStopped = false
      plan(0)
    },
    now() {
      if (present) isWanted = true
      else plan(0)
    },
    within: (ms) => plan(Math.min(Math.max(0, ms), everyMs)),
    async stop() {
      isStopped = true
      if (timer) clearTimeout(timer)
      timer = null
      await present
    },
  }
}
