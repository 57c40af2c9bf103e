import { Leader } from '#bot/ingest/leader.ts'
import { assembleParts } from '#bot/ingest/parts.ts'
import type { IngestDeps, IngestStatus } from '#bot/ingest/ports.ts'
import { runTerm } from '#bot/ingest/term.ts'

export interface Ingest {
  /** Stops polling, lets the handlers end (at most `drainMs`), then lets another process lead. */
  stop(): Promise<void>
  /** Looks now for updates that came into the inbox by another way. */
  wake(): void
  status(): IngestStatus
}

/**
 * Brings every update from Telegram to the handler at least once and in order per lane, whatever dies on the way:
 * it is in the inbox before Telegram may forget it and stays open there until it is handled.
 * Does so only while this process leads; otherwise it stands by.
 */
export function startIngest(deps: IngestDeps): Ingest {
  const parts = assembleParts(deps)
  const { lanes, marker, state } = parts
  let term = new AbortController()
  let terms = Promise.resolve()
  let wakeTerm = () => {}

  const serve = async (signal: AbortSignal) => {
    try {
      await runTerm({ ...parts, verifyLeader: () => leader.verify(), onWakeable: (wake) => (wakeTerm = wake) }, signal)
    } catch (err) {
      deps.log.error({ err }, 'ingest failed; it starts anew')
      leader.resign()
    }
  }
  const leader = new Leader({
    databaseUrl: deps.databaseUrl,
    name: `paydesk:ingest:${deps.botId}`,
    log: deps.log,
    limits: parts.limits,
    onGain: () => {
      deps.log.info('this process leads now')
      deps.onLead?.().catch((err: unknown) => deps.log.error({ err }, 'what the last leader held was not taken over'))
      term = new AbortController()
      const { signal } = term
      // A term begins when the one before has let go of everything.
      terms = terms.then(() => serve(signal))
    },
    onLose: () => {
      deps.log.info('this process does not lead any more')
      term.abort()
      lanes.close()
    },
  })

  return {
    async stop() {
      term.abort()
      await terms
      await lanes.drain(parts.limits.drainMs)
      await marker.close(parts.limits.marksMs)
      await leader.stop()
      await terms
    },
    wake: () => wakeTerm(),
    status: () => ({ ...state, leader: leader.leads, buffered: lanes.buffered, lanes: lanes.size }),
  }
}
