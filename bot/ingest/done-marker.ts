import type { Claims } from '#bot/ingest/claims.ts'
import type { IngestLog } from '#bot/ingest/ports.ts'
import { persist } from '#bot/patience.ts'
import type { Sql } from '#core/db.ts'
import { finishUpdates } from '#core/inbox/finish-updates.ts'

interface MarkerDeps {
  sql: Sql
  botId: number
  claims: Claims
  log: IngestLog
}

/**
 * Marks handled updates as done, all that gathered during the previous statement in one. An update is held until its
 * mark is in the database, however long that takes.
 */
export class DoneMarker {
  readonly #deps: MarkerDeps
  readonly #closing = new AbortController()
  #waiting: number[] = []
  #work: Promise<void> | null = null

  constructor(deps: MarkerDeps) {
    this.#deps = deps
  }

  add(updateIds: readonly number[]): void {
    if (this.#closing.signal.aborted) return
    this.#waiting.push(...updateIds)
    this.#work ??= this.#run()
  }

  /** Resolves when nothing waits for its mark. */
  async settled(): Promise<void> {
    while (this.#work) await this.#work
  }

  /** Gives the marks that wait a little longer; those that fail are found open at the next start. */
  async close(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.#closing.abort(), timeoutMs)
    await this.settled()
    clearTimeout(timer)
  }

  async #run(): Promise<void> {
    const { sql, botId, claims, log } = this.#deps
    while (this.#waiting.length > 0 && !this.#closing.signal.aborted) {
      const updateIds = this.#waiting
      this.#waiting = []
      await persist(async () => ({ done: await finishUpdates(sql, { botId, updateIds }) }), {
        signal: this.#closing.signal,
        onError: (err, attempt) => {
          if (attempt === 1) log.warn({ err, updates: updateIds.length }, 'handled updates could not be marked yet')
        },
      })
      for (const updateId of updateIds) claims.release(updateId)
    }
    this.#work = null
  }
}
