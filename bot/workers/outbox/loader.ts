/** Reads by key; calls of the same turn of the event loop become one query. */
export interface BatchLoader<T> {
  load(key: string): Promise<T | undefined>
}

const MOST_AT_ONCE = 500

/** Gathers look-ups into batches. A failed query fails the look-ups it was for and no others. */
export function createBatchLoader<T>(read: (keys: string[]) => Promise<Map<string, T>>): BatchLoader<T> {
  let waiting = new Map<string, Deferred<T | undefined>>()
  let scheduled = false

  function flush() {
    scheduled = false
    const batch = waiting
    waiting = new Map()
    read([...batch.keys()]).then(
      (found) => {
        for (const [key, { resolve }] of batch) resolve(found.get(key))
      },
      (error: unknown) => {
        for (const { reject } of batch.values()) reject(error)
      },
    )
  }

  return {
    load(key) {
      const known = waiting.get(key)
      if (known) return known.promise
      const entry = defer<T | undefined>()
      waiting.set(key, entry)
      if (waiting.size >= MOST_AT_ONCE) flush()
      else if (!scheduled) {
        scheduled = true
        setImmediate(flush)
      }
      return entry.promise
    },
  }
}

interface Deferred<T> {
  promise: Promise<T>
  resolve: (value: T) => void
  reject: (error: unknown) => void
}

/** Promise.withResolvers, which Node 20 does not have yet. */
function defer<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
