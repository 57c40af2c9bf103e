import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Sql } from '#core/db.ts'
import { DAY_MS } from '#core/durations.ts'
import { type Finish, finishItems } from '#core/outbox/finish-items.ts'

interface Ended {
  finish: Finish
  onRecorded: () => void
}

export interface Finisher {
  /** Records how a row ended, together with its neighbours; then calls back. */
  add(finish: Finish, onRecorded: () => void): void
  /** Resolves when all that was added is recorded, or `deadline` (of Date.now()) has passed. */
  drain(deadline: number): Promise<void>
}

const MOST_AT_ONCE = 100
const RETRY_MS = 500

/**
 * Records the ends of rows in batches: while one statement is under way the next batch fills. What cannot be recorded
 * because the database is away is kept and recorded when it is back; a row that breaks its batch is recorded alone.
 */
export function createFinisher(sql: Sql, owner: string, log: Logger): Finisher {
  let waiting: Ended[] = []
  let running = false
  let idle: (() => void)[] = []

  function schedule() {
    if (running || waiting.length === 0) return
    running = true
    setImmediate(() => void run())
  }

  async function run() {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MOST_AT_ONCE)
      waiting = waiting.slice(MOST_AT_ONCE)
      await record(batch)
      for (const { onRecorded } of batch) onRecorded()
    }
    running = false
    for (const resolve of idle) resolve()
    idle = []
  }

  async function record(batch: Ended[]): Promise<void> {
    for (;;) {
      try {
        await finishItems(sql, { owner, finishes: batch.map(({ finish }) => finish) })
        return
      } catch (error) {
        if (isRefused(error)) return recordSingly(batch, error)
        log.error({ error, rows: batch.length }, 'outbox results not recorded yet')
        await delay(RETRY_MS)
      }
    }
  }

  async function recordSingly(batch: Ended[], cause: unknown): Promise<void> {
    const [only, ...others] = batch
    if (!only) return
    if (others.length > 0) {
      for (const ended of batch) await record([ended])
      return
    }
    const { id } = only.finish
    log.error({ error: cause, id }, 'the database refuses the end of an outbox row')
    const plain = plainEnd(only.finish)
    // Refused even so: its lease runs out by itself, and nobody waits for it.
    if (JSON.stringify(plain) === JSON.stringify(only.finish)) return
    await record([{ ...only, finish: plain }])
  }

  return {
    add(finish, onRecorded) {
      waiting.push({ finish, onRecorded })
      schedule()
    },
    async drain(deadline) {
      if (!running && waiting.length === 0) return
      const drained = new Promise<void>((resolve) => idle.push(resolve))
      const patience = new AbortController()
      await Promise.race([drained, delay(Math.max(0, deadline - Date.now()), undefined, { signal: patience.signal })])
      patience.abort()
    },
  }
}

/** The same end without anything that the database could mind. */
function plainEnd({ id, end }: Finish): Finish {
  const error = 'What went wrong cannot be written down; see the log'
  if (end.status === 'again') return { id, end: { ...end, error, afterMs: Math.min(end.afterMs, DAY_MS) }, effects: {} }
  return { id, end: end.status === 'dead' ? { ...end, error } : end, effects: {} }
}

/** SQLSTATE classes of bad data, broken bounds and limits: the same would be refused again. */
function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(22|23|54)...$/.test(String(error.code))
}
