import type { Update } from 'grammy/types'
import { albumOf } from '#bot/ingest/read-update.ts'
import type { OpenUpdate } from '#core/inbox/inbox-update.ts'

/** One update on its way to the handler. Times are those of `performance.now()`. */
export interface Work {
  updateId: number
  lane: string
  update: Update
  albumId: string | null
  attempts: number
  notBefore: number
  arrivedAt: number
}

/** What the handler gets at once: an update, or an album's parts that stood together. */
export interface Item {
  lane: string
  works: Work[]
  attempts: number
  notBefore: number
  /** Of the attempt under way. */
  controller: AbortController | null
  /** Set when an attempt succeeded after its deadline. */
  lateResult: HandlerResult | null
}

/** Who writes into the inbox that the updates are done: the handler's own statement, or ingest. */
export interface HandlerResult {
  done: 'self' | 'ingest'
}

/**
 * Handles one update, or the parts of an album together. The signal fires at the deadline. Throwing, or not settling
 * in time, means another attempt later. `hold` stops the clock of the deadline until what it returns is called: a chat
 * that Telegram shuts, or a group without room, is not the handler's fault.
 */
export type Handle = (updates: Update[], signal: AbortSignal, hold: Hold) => Promise<HandlerResult>

export type Hold = () => () => void

export function newWork(updateId: number, lane: string, update: Update): Work {
  const arrivedAt = performance.now()
  return { updateId, lane, update, albumId: albumOf(update), attempts: 0, notBefore: 0, arrivedAt }
}

export function workFrom(row: OpenUpdate): Work {
  // Only updates that arrived as objects are ever open.
  const work = newWork(row.updateId, row.lane, row.payload as Update)
  work.attempts = row.attempts
  if (row.waitMs > 0) work.notBefore = work.arrivedAt + row.waitMs
  return work
}

export function newItem(lane: string, works: Work[]): Item {
  const attempts = works.reduce((most, work) => Math.max(most, work.attempts), 0)
  return { lane, works, attempts, notBefore: 0, controller: null, lateResult: null }
}

export function updateIdsOf(item: Item): number[] {
  return item.works.map((work) => work.updateId)
}
