/** Doubles from `firstMs` with every attempt, up to `maxMs`. Attempts count from 1. */
export function backoffMs(attempt: number, { firstMs, maxMs }: { firstMs: number; maxMs: number }): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30))
}

/** Waits, but not past the signal. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal.addEventListener('abort', finish, { once: true })
  })
}

const STORE_RETRY = { firstMs: 100, maxMs: 2_000 }

interface Persistence {
  signal: AbortSignal
  /** Told of every failure. */
  onError: (error: unknown, attempt: number) => void
}

/**
 * Repeats a database task until it succeeds. Null once the signal fires, even while the task hangs: a statement that
 * is left behind may still take effect.
 */
export async function persist<T extends object>(
  task: () => Promise<T>,
  { signal, onError }: Persistence,
): Promise<T | null> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      return await unlessAborted(task(), signal)
    } catch (error) {
      onError(error, attempt)
      await pause(backoffMs(attempt, STORE_RETRY), signal)
    }
  }
  return null
}

function unlessAborted<T extends object>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const abandon = () => resolve(null)
    signal.addEventListener('abort', abandon, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon))
  })
}
