import type { Logger } from 'pino'
import { runLoop } from '#bot/workers/run-loop.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { type ClaimedAttempt, claimAttempts } from '#core/recharge/claim-attempts.ts'
import { runAttempt } from '#core/recharge/run-attempt.ts'
import { wakeCappedPlans } from '#core/recharge/wake-capped-plans.ts'
import type { PrismaClient } from '#prisma'

interface WorkerDeps {
  db: PrismaClient
  rail: PaymentRail
  publicUrl: string
  log: Logger
  now: () => Date
  /** How often to look: a debit that asks for a recharge wakes nobody, since that would cost every message. */
  pollMs?: number
  wakeMs?: number
}

/** Each attempt at hand waits for Stripe most of its time. */
const AT_ONCE = 8

/** Charges the cards of users whose credits ran low, as they agreed to. Any number of processes may run one. */
export function startRechargesWorker(deps: WorkerDeps): { stop: () => Promise<void> } {
  const { db, rail, publicUrl, log, now, pollMs = 1_000, wakeMs = 60_000 } = deps
  const stopping = new AbortController()
  const atHand = new Set<Promise<void>>()
  const common = { stopping: stopping.signal, log, what: 'auto-recharge' }
  const attempts = runLoop({ ...common, everyMs: pollMs, turn: takeOpen })
  const capped = runLoop({
    ...common,
    everyMs: wakeMs,
    turn: async () => void (await wakeCappedPlans(db, { now: now() })),
  })

  /** Starts what is open, as far as there is room; each one that ends looks for the next. */
  async function takeOpen(): Promise<void> {
    const room = AT_ONCE - atHand.size
    if (room === 0) return
    for (const attempt of await claimAttempts(db, { limit: room })) {
      const work = run(attempt)
        .catch((error: unknown) => log.error({ err: error, attemptId: attempt.id }, 'a recharge was left half way'))
        .finally(() => {
          atHand.delete(work)
          attempts.wake()
        })
      atHand.add(work)
    }
  }

  async function run(attempt: ClaimedAttempt): Promise<void> {
    const result = await runAttempt({ db, rail, attempt, publicUrl, now: now() })
    const facts = { attemptId: attempt.id, tries: attempt.tries }
    if (result.status === 'ended') log.debug(facts, 'a recharge was dealt with')
    else log.warn({ ...facts, because: result.because }, 'a recharge is not decided yet')
  }

  return {
    async stop() {
      stopping.abort()
      attempts.wake()
      capped.wake()
      await Promise.all([attempts.done, capped.done])
      await Promise.all(atHand)
    },
  }
}
