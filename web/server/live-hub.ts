import { type Listener, listen } from '#core/live/listen.ts'

/**
 * `changed`: look again. `stale`: the database cannot be heard, so changes may be missed until the next `changed`.
 * `over`: this process is ending; there is nothing more to hear from it.
 */
export type LiveSignal = 'changed' | 'stale' | 'over'

type Subscriber = (signal: LiveSignal) => void

export interface LiveHub {
  /** Whether changes can be heard now. */
  readonly hears: boolean
  /** This process is ending: who wants to hear changes has to ask the next one. */
  readonly isOver: boolean
  /** Hears signals until the returned function is called, the first at once: much may have changed before. */
  subscribe(subscriber: Subscriber): () => void
  stop(): Promise<void>
}

/** At most two signals a second, however much happens. */
const SPACING_MS = 500

/** One listening connection for all open pages of this process, opened when the first page asks. */
export function createLiveHub({
  connectionString,
  onError,
}: {
  connectionString: string
  onError: (error: Error) => void
}): LiveHub {
  const subscribers = new Set<Subscriber>()
  const tell = (signal: LiveSignal) => subscribers.forEach((subscriber) => subscriber(signal))
  const changed = spaced(() => {
    hears = true
    tell('changed')
  })
  let hears = false
  let isOver = false
  let listener: Listener | undefined

  function lost(error: Error) {
    hears = false
    onError(error)
    tell('stale')
  }

  function start() {
    listener ??= listen({ connectionString, on: { live: changed }, onError: lost })
  }

  return {
    get hears() {
      return hears
    },
    get isOver() {
      return isOver
    },
    subscribe(subscriber) {
      const mine: Subscriber = (signal) => subscriber(signal)
      subscribers.add(mine)
      if (listener) mine(hears ? 'changed' : 'stale')
      start()
      return () => subscribers.delete(mine)
    },
    async stop() {
      isOver = true
      tell('over')
      subscribers.clear()
      await listener?.stop()
    },
  }
}

/** Calls at once, then at most every SPACING_MS, and never forgets the last call. */
function spaced(call: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  let again = false
  return function attempt() {
    if (timer) {
      again = true
      return
    }
    call()
    timer = setTimeout(() => {
      timer = undefined
      if (!again) return
      again = false
      attempt()
    }, SPACING_MS)
    timer.unref()
  }
}
