import { createRunner, createSource } from '@grammyjs/runner'
import type { IngestParts } from '#bot/ingest/parts.ts'
import { classifyPollFailure } from '#bot/ingest/poll-failure.ts'
import { InboxSupplier } from '#bot/ingest/supplier.ts'
import { type Work, workFrom } from '#bot/ingest/work.ts'
import { backoffMs, pause, persist } from '#bot/patience.ts'
import { listOpenUpdates } from '#core/inbox/list-open-updates.ts'
import { pruneInbox } from '#core/inbox/prune-inbox.ts'

interface TermDeps extends IngestParts {
  verifyLeader(): Promise<boolean>
  /** Hands out the way to ask for a sweep. */
  onWakeable(wake: () => void): void
}

const SWEEP_PAGE = 200
const PRUNE_BATCH = 1_000
const PRUNE_PAUSE_MS = 100
// Marks of the time before are taken along, so that fewer handled updates are found open.
const EARLIER_MARKS_MS = 1_000

/** What this process does while it leads, until the signal: replay, then poll, and keep the inbox in order. */
export async function runTerm(deps: TermDeps, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await Promise.race([deps.marker.settled(), pause(EARLIER_MARKS_MS, signal)])
  if (signal.aborted) return
  deps.lanes.open()
  await handOutOpen(deps, signal)
  await Promise.all([poll(deps, signal), keepSwept(deps, signal), keepPruned(deps, signal)])
}

/** Hands out every open update of the inbox that nobody here holds, in update order and as fast as there is room. */
async function handOutOpen(deps: TermDeps, signal: AbortSignal): Promise<void> {
  const { sql, botId, claims, lanes, log } = deps
  let afterUpdateId = 0
  let handedOut = 0
  for (;;) {
    await lanes.waitForRoom(signal)
    const exceptLanes = lanes.spilledLanes()
    const page = await claims.takeFound(() =>
      persist(() => listOpenUpdates(sql, { botId, afterUpdateId, limit: SWEEP_PAGE, exceptLanes }), {
        signal,
        onError: (err, attempt) => {
          if (attempt % 10 === 1) log.warn({ err }, 'the inbox cannot be read yet')
        },
      }),
    )
    if (page === null) return
    for (const row of page.taken) lanes.add(workFrom(row))
    handedOut += page.taken.length
    afterUpdateId = page.lastId
    if (page.found < SWEEP_PAGE || signal.aborted) break
  }
  if (handedOut > 0) log.info({ updates: handedOut }, 'open updates were taken from the inbox')
}

/** Polls as long as the term lasts: the runner's end is never ours. */
async function poll(deps: TermDeps, signal: AbortSignal): Promise<void> {
  const { lanes, state, log } = deps
  const onPolled = () => {
    state.lastPollAt = deps.now()
    state.problem = null
    troubles = 0
  }
  const supplier = new InboxSupplier({ ...deps, onPolled }, signal)
  const sink = {
    handle: async (works: Work[]) => {
      for (const work of works) lanes.add(work)
      return Math.max(1, lanes.room)
    },
    size: () => lanes.buffered,
    snapshot: () => [],
  }
  let troubles = 0
  while (!signal.aborted) {
    const runner = createRunner(createSource(supplier), sink)
    const stop = () => void runner.stop()
    signal.addEventListener('abort', stop, { once: true })
    state.polling = true
    try {
      runner.start()
      await runner.task()
      if (!signal.aborted) log.warn('the poller ended by itself; it is started again')
    } catch (error) {
      state.polling = false
      troubles += 1
      await sitOut(deps, error, troubles, signal)
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
  state.polling = false
}

async function sitOut(deps: TermDeps, error: unknown, troubles: number, signal: AbortSignal): Promise<void> {
  const { state, limits, log, alert } = deps
  const failure = classifyPollFailure(error)
  switch (failure.kind) {
    case 'conflict':
      state.problem = 'conflict'
      log.warn({ detail: failure.detail, troubles }, 'somebody else fetches the updates of this bot')
      // The first ones may be a predecessor that is just leaving.
      if (troubles >= 3) {
        await alert({
          key: 'telegram.conflict',
          severity: 'urgent',
          title: 'Another program fetches the updates of this bot',
          detail: failure.detail,
        })
      }
      await deps.verifyLeader()
      return pause(limits.conflictRetryMs, signal)
    case 'unauthorized':
      state.problem = 'unauthorized'
      log.error({ detail: failure.detail }, 'Telegram refuses the bot token')
      await alert({
        key: 'telegram.unauthorized',
        severity: 'urgent',
        title: 'Telegram refuses the bot token',
        detail: `${failure.detail}. Check BOT_TOKEN; it may have been revoked.`,
      })
      return pause(limits.unauthorizedRetryMs, signal)
    case 'limited':
    case 'unreachable':
      log.error({ err: error }, 'the poller failed; it is started again')
      return pause(backoffMs(troubles, { firstMs: limits.pollRetryFirstMs, maxMs: limits.pollRetryMaxMs }), signal)
  }
}

/** Finds what came into the inbox past the poller, or was stored by a statement whose answer got lost. */
async function keepSwept(deps: TermDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const woken = new AbortController()
    const wake = () => woken.abort()
    deps.onWakeable(wake)
    signal.addEventListener('abort', wake, { once: true })
    await pause(deps.limits.sweepMs, woken.signal)
    signal.removeEventListener('abort', wake)
    if (!signal.aborted) await handOutOpen(deps, signal)
  }
}

async function keepPruned({ sql, botId, limits, log }: TermDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    let pauseMs = limits.pruneMs
    try {
      if ((await pruneInbox(sql, { botId, limit: PRUNE_BATCH })) === PRUNE_BATCH) pauseMs = PRUNE_PAUSE_MS
    } catch (err) {
      log.warn({ err }, 'old updates could not be deleted yet')
    }
    await pause(pauseMs, signal)
  }
}
