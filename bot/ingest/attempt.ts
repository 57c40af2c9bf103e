import type { Update } from 'grammy/types'
import type { DoneMarker } from '#bot/ingest/done-marker.ts'
import type { ItemEnd } from '#bot/ingest/lanes.ts'
import type { IngestLimits } from '#bot/ingest/limits.ts'
import type { IngestAlert, IngestLog } from '#bot/ingest/ports.ts'
import { type Handle, type HandlerResult, type Hold, type Item, updateIdsOf } from '#bot/ingest/work.ts'
import { backoffMs, persist } from '#bot/patience.ts'
import type { Sql } from '#core/db.ts'
import { recordFailure } from '#core/inbox/record-failure.ts'

export interface AttemptDeps {
  sql: Sql
  botId: number
  handle: Handle
  marker: DoneMarker
  log: IngestLog
  alert: IngestAlert
  /** Must not throw. */
  onGivenUp(updates: Update[]): Promise<void>
  limits: IngestLimits
}

type Outcome =
  | { status: 'handled'; result: HandlerResult }
  | { status: 'failed'; error: unknown }
  | { status: 'timed-out' }

/** One attempt at an item, from handing it out to knowing what comes next. Never throws. */
export async function attemptItem(deps: AttemptDeps, item: Item, signal: AbortSignal): Promise<ItemEnd> {
  if (item.lateResult) return endOf(deps, item, item.lateResult)
  const outcome = await runHandler(deps, item)
  if (outcome.status === 'handled') return endOf(deps, item, outcome.result)
  return afterFailure(deps, item, outcome, signal)
}

function endOf({ marker }: AttemptDeps, item: Item, result: HandlerResult): ItemEnd {
  if (result.done === 'self') return { next: 'release' }
  marker.add(updateIdsOf(item))
  return { next: 'keep' }
}

function runHandler(deps: AttemptDeps, item: Item): Promise<Outcome> {
  const controller = new AbortController()
  item.controller = controller
  return new Promise((resolve) => {
    let expired = false
    const clock = startClock(deps.limits.handlerTimeoutMs, () => {
      expired = true
      controller.abort()
      resolve({ status: 'timed-out' })
    })
    invoke(deps.handle, item, controller.signal, clock.hold).then(
      (result) => {
        clock.stop()
        // It may still spare the item its next attempt.
        if (expired) item.lateResult = result
        resolve({ status: 'handled', result })
      },
      (error: unknown) => {
        clock.stop()
        if (expired) deps.log.debug({ err: error, updates: updateIdsOf(item) }, 'a handler failed after its deadline')
        resolve({ status: 'failed', error })
      },
    )
  })
}

/** Rings after so long, the time while it is held apart. */
function startClock(ms: number, ring: () => void): { hold: Hold; stop(): void } {
  let leftMs = ms
  let holds = 0
  let isOver = false
  let startedAt = 0
  let timer: NodeJS.Timeout | undefined
  function run() {
    startedAt = performance.now()
    timer = setTimeout(() => {
      isOver = true
      ring()
    }, leftMs)
  }
  run()
  return {
    hold() {
      holds += 1
      if (holds === 1) {
        clearTimeout(timer)
        leftMs = Math.max(0, leftMs - (performance.now() - startedAt))
      }
      return () => {
        holds -= 1
        if (holds === 0 && !isOver) run()
      }
    },
    stop() {
      isOver = true
      clearTimeout(timer)
    },
  }
}

// Async, so that a handler that throws at once rejects like any other.
async function invoke(handle: Handle, item: Item, signal: AbortSignal, hold: Hold): Promise<HandlerResult> {
  return handle(
    item.works.map((work) => work.update),
    signal,
    hold,
  )
}

async function afterFailure(
  deps: AttemptDeps,
  item: Item,
  failure: Exclude<Outcome, { status: 'handled' }>,
  signal: AbortSignal,
): Promise<ItemEnd> {
  const { sql, botId, log, limits } = deps
  const timedOut = failure.status === 'timed-out'
  const attempts = item.attempts + 1
  const givenUp = attempts >= (timedOut ? limits.maxTimeouts : limits.maxAttempts)
  const inMs = backoffMs(attempts, { firstMs: limits.retryFirstMs, maxMs: limits.retryMaxMs })
  const error = timedOut ? `no end after ${limits.handlerTimeoutMs} ms` : describe(failure.error)
  const updateIds = updateIdsOf(item)
  // An attempt counts only once the inbox knows of it: a database that is away costs no update its life.
  const open = await persist(
    () => recordFailure(sql, { botId, updateIds, attempts, error, retryInMs: givenUp ? null : inMs }),
    {
      signal,
      onError: (err, attempt) => {
        if (attempt === 1) log.warn({ err, updateIds }, 'a failed update could not be noted yet')
      },
    },
  )
  if (open === null || open.length === 0) return { next: 'release' }
  const facts = { updateIds, lane: item.lane, attempts, ...(timedOut ? {} : { err: failure.error }) }
  if (!givenUp) {
    log.warn(facts, `handling failed, next attempt in ${inMs} ms: ${error}`)
    return { next: 'retry', attempts, inMs }
  }
  log.error(facts, `handling failed for good: ${error}`)
  await deps.onGivenUp(item.works.map((work) => work.update))
  await deps.alert({
    key: 'inbox.dead-letter',
    severity: 'urgent',
    title: 'An update could not be handled',
    detail: `Update ${updateIds.join(', ')} was given up after ${attempts} attempts: ${error}`,
  })
  return { next: 'release' }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
