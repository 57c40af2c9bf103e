import type { UpdateSupplier } from '@grammyjs/runner'
import type { Api } from 'grammy'
import type { Update } from 'grammy/types'
import type { Claims } from '#bot/ingest/claims.ts'
import type { Lanes } from '#bot/ingest/lanes.ts'
import type { IngestLimits } from '#bot/ingest/limits.ts'
import { classifyPollFailure } from '#bot/ingest/poll-failure.ts'
import type { IngestAlert, IngestLog } from '#bot/ingest/ports.ts'
import { type ReadUpdate, readUpdate } from '#bot/ingest/read-update.ts'
import { newWork, type Work, workFrom } from '#bot/ingest/work.ts'
import { backoffMs, pause, persist } from '#bot/patience.ts'
import type { Sql } from '#core/db.ts'
import { countOpenUpdates } from '#core/inbox/count-open.ts'
import { findOpenUpdates } from '#core/inbox/list-open-updates.ts'
import { storeDeadLetter } from '#core/inbox/store-dead-letter.ts'
import { storeUpdates } from '#core/inbox/store-updates.ts'

export type AllowedUpdates = NonNullable<Parameters<Api['getUpdates']>[0]>['allowed_updates']
type PollSignal = NonNullable<Parameters<Api['getUpdates']>[1]>
type Readable = Extract<ReadUpdate, { status: 'readable' }>
type Malformed = Extract<ReadUpdate, { status: 'malformed' }>

export interface SupplierDeps {
  sql: Sql
  api: Pick<Api, 'getUpdates'>
  botId: number
  allowedUpdates: AllowedUpdates
  claims: Claims
  lanes: Lanes
  log: IngestLog
  alert: IngestAlert
  limits: IngestLimits
  /** True for an update that is dealt with already. */
  takeUrgent(update: Update): boolean
  /** Told after every answer. */
  onPolled(): void
}

const MAX_BATCH = 100
const COUNT_EVERY_MS = 500

/**
 * Fetches updates and returns them once they are in the inbox. Only then does the offset move, which is what makes
 * Telegram forget them. Rejects on a conflict and on a refused token; everything else it outlasts.
 */
export class InboxSupplier implements UpdateSupplier<Work> {
  readonly #deps: SupplierDeps
  readonly #signal: AbortSignal
  // Telegram answers 0 with the oldest update that was never confirmed.
  #offset = 0
  #failures = 0
  #repeats = 0
  // The last count and all that came since: the inbox is counted anew only when it might be full.
  #openAtMost: number

  constructor(deps: SupplierDeps, signal: AbortSignal) {
    this.#deps = deps
    this.#signal = signal
    this.#openAtMost = deps.limits.maxOpen
  }

  supply = async (batchSize: number): Promise<Work[]> => {
    await this.#deps.lanes.waitForRoom(this.#signal)
    await this.#waitForInbox()
    const raw = await this.#poll(Math.max(1, Math.min(batchSize, MAX_BATCH, this.#deps.lanes.room)))
    return raw === null ? [] : this.#takeIn(raw)
  }

  /** Memory is bounded by the lanes; this bounds what they leave to the inbox. */
  async #waitForInbox(): Promise<void> {
    const { sql, botId, limits } = this.#deps
    while (this.#openAtMost >= limits.maxOpen && !this.#signal.aborted) {
      const counted = await this.#persist(async () => ({
        open: await countOpenUpdates(sql, { botId, upTo: limits.maxOpen }),
      }))
      this.#openAtMost = counted?.open ?? 0
      if (this.#openAtMost >= limits.maxOpen) await pause(COUNT_EVERY_MS, this.#signal)
    }
  }

  async #poll(limit: number): Promise<unknown[] | null> {
    const { log } = this.#deps
    while (!this.#signal.aborted) {
      try {
        const raw: unknown = await this.#ask(limit)
        if (!Array.isArray(raw)) throw new TypeError('getUpdates answered without a list')
        this.#failures = 0
        this.#deps.onPolled()
        return raw
      } catch (error) {
        if (this.#signal.aborted) return null
        const failure = classifyPollFailure(error)
        if (failure.kind === 'conflict' || failure.kind === 'unauthorized') throw error
        this.#failures += 1
        const waitMs = failure.kind === 'limited' ? failure.retryAfterMs : this.#retryMs(this.#failures)
        if (this.#failures % 10 === 1) log.warn({ err: error, failures: this.#failures }, 'Telegram gives no updates')
        await pause(waitMs, this.#signal)
      }
    }
    return null
  }

  #retryMs(attempt: number): number {
    const { pollRetryFirstMs, pollRetryMaxMs } = this.#deps.limits
    return backoffMs(attempt, { firstMs: pollRetryFirstMs, maxMs: pollRetryMaxMs })
  }

  /** One long poll, ended by the signal or when the connection has been silent for too long. */
  async #ask(limit: number): Promise<Update[]> {
    const { api, allowedUpdates, limits } = this.#deps
    const controller = new AbortController()
    const abort = () => controller.abort()
    const timer = setTimeout(abort, limits.pollTimeoutSeconds * 1_000 + limits.pollGraceMs)
    this.#signal.addEventListener('abort', abort, { once: true })
    try {
      return await api.getUpdates(
        { offset: this.#offset, limit, timeout: limits.pollTimeoutSeconds, allowed_updates: allowedUpdates },
        // grammY's type is a polyfill's; it takes the platform's own.
        controller.signal as unknown as PollSignal,
      )
    } finally {
      clearTimeout(timer)
      this.#signal.removeEventListener('abort', abort)
    }
  }

  async #takeIn(raw: readonly unknown[]): Promise<Work[]> {
    if (raw.length === 0) return []
    this.#openAtMost += raw.length
    const read = raw.map(readUpdate)
    const ordinary = read.filter((update) => update.status === 'malformed' || !this.#deps.takeUrgent(update.update))
    const malformed = ordinary.filter((update) => update.status === 'malformed')
    for (const letter of malformed) if (!(await this.#bury(letter, letter.reason))) return []
    const works = await this.#store(ordinary.filter((update) => update.status === 'readable'))
    if (works === null) return []
    const lastId = read.reduce((last, update) => Math.max(last, update.updateId), 0)
    const offset = lastId > 0 ? lastId + 1 : this.#offset
    // Telegram sends the same again at once when the offset it got means nothing to it, as after an update without id.
    this.#repeats = offset === this.#offset ? this.#repeats + 1 : 0
    this.#offset = offset
    if (this.#repeats > 0) await pause(this.#retryMs(this.#repeats), this.#signal)
    return works
  }

  /** Null when the process had to stop before the batch was safe; then nothing of it may count as received. */
  async #store(updates: Readable[]): Promise<Work[] | null> {
    if (updates.length === 0) return []
    const { claims } = this.#deps
    // What is held already is in the inbox and on its way.
    const claimed = updates.filter((update) => claims.take(update.updateId))
    const stored = await this.#storeClaimed(claimed)
    const known = stored && claimed.filter((update) => !stored.has(update.updateId)).map((update) => update.updateId)
    const open = known && (await this.#findOpen(known))
    if (!stored || !known || !open) {
      for (const update of claimed) claims.release(update.updateId)
      return null
    }
    const openIds = new Set(open.map((row) => row.updateId))
    for (const updateId of known) if (!openIds.has(updateId)) claims.release(updateId)
    const fresh = claimed
      .filter((update) => stored.has(update.updateId))
      .map((update) => newWork(update.updateId, update.lane, update.update))
    return open.length === 0 ? fresh : [...open.map(workFrom), ...fresh].sort((a, b) => a.updateId - b.updateId)
  }

  async #storeClaimed(updates: Readable[]): Promise<Set<number> | null> {
    const { sql, botId } = this.#deps
    let refused = false
    const stored = await this.#persist(async () => {
      try {
        return await storeUpdates(sql, { botId, updates })
      } catch (error) {
        if (!isRefusedContent(error)) throw error
        refused = true
        return new Set<number>()
      }
    })
    return refused ? this.#storeOneByOne(updates) : stored
  }

  /** One update that the database cannot hold must not keep the others out. */
  async #storeOneByOne(updates: Readable[]): Promise<Set<number> | null> {
    const { sql, botId } = this.#deps
    const stored = new Set<number>()
    for (const update of updates) {
      let reason: string | null = null
      const one = await this.#persist(async () => {
        try {
          return await storeUpdates(sql, { botId, updates: [update] })
        } catch (error) {
          if (!isRefusedContent(error)) throw error
          reason = String(error)
          return new Set<number>()
        }
      })
      if (one === null) return null
      for (const updateId of one) stored.add(updateId)
      const note = { ...update, status: 'malformed' as const, identified: true, payload: '{"unreadable":"refused"}' }
      if (reason !== null && !(await this.#bury({ ...note, reason }, reason))) return null
    }
    return stored
  }

  /** Keeps what can never be handled for a person to look at. False when the process had to stop before. */
  async #bury({ updateId, payload }: Malformed, reason: string): Promise<boolean> {
    const { sql, botId, log, alert } = this.#deps
    const buried = await this.#persist(async () => ({
      isNews: await storeDeadLetter(sql, { botId, updateId, payload, error: reason }),
    }))
    if (buried?.isNews) {
      log.error({ updateId, reason }, 'a malformed update was put aside')
      await alert({
        key: 'inbox.malformed',
        severity: 'warning',
        title: 'Telegram sent an update that cannot be read',
        detail: `It is kept in the inbox as ${updateId}: ${reason}`,
      })
    }
    return buried !== null
  }

  async #findOpen(updateIds: number[]) {
    const { sql, botId } = this.#deps
    return updateIds.length === 0 ? [] : this.#persist(() => findOpenUpdates(sql, { botId, updateIds }))
  }

  #persist<T extends object>(task: () => Promise<T>): Promise<T | null> {
    return persist(task, {
      signal: this.#signal,
      onError: (err, attempt) => {
        if (attempt % 10 === 1)
          this.#deps.log.error({ err, attempt }, 'the inbox cannot be reached; Telegram keeps the updates')
      },
    })
  }
}

/** PostgreSQL's classes "data exception" and "program limit exceeded": the same content fails again. */
function isRefusedContent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^(22|54)...$/.test(code)
}
