import type { Logger } from 'pino'
import { pause } from '#bot/patience.ts'
import { reconcileStars, reconcileStarsRefunds } from '#core/payments/stars/reconcile-stars.ts'
import { RailUnavailableError } from '#core/rails/payment-rail.ts'
import type { StarsRail } from '#core/rails/stars/stars-rail.ts'
import type { PrismaClient } from '#prisma'

interface WorkerDeps {
  db: PrismaClient
  rail: StarsRail
  log: Logger
  now: () => Date
  refundsMs?: number
  reconcileMs?: number
}

/** Goes on with refunds in Stars, and now and then reads Telegram's list for what nobody told us. */
export function startStarsWorker({ db, rail, log, now, refundsMs = 5_000, reconcileMs = 600_000 }: WorkerDeps): {
  stop: () => Promise<void>
} {
  const stopping = new AbortController()
  const refunds = repeat({ everyMs: refundsMs, stopping: stopping.signal, log }, async () => {
    await reconcileStarsRefunds(db, rail, { now: now() })
  })
  const books = repeat({ everyMs: reconcileMs, stopping: stopping.signal, log }, async () => {
    const news = await reconcileStars(db, rail, { now: now() })
    if (news.payments + news.refunds > 0) log.warn(news, 'Stars moved without Telegram having told us')
  })
  return {
    async stop() {
      stopping.abort()
      await Promise.all([refunds, books])
    },
  }
}

/** A turn that fails is logged and tried again like any other. */
async function repeat(
  { everyMs, stopping, log }: { everyMs: number; stopping: AbortSignal; log: Logger },
  turn: () => Promise<void>,
): Promise<void> {
  while (!stopping.aborted) {
    await turn().catch((err: unknown) => {
      if (err instanceof RailUnavailableError) log.warn({ err }, 'Telegram tells nothing of Stars')
      else log.error({ err }, 'Stars could not be looked after')
    })
    await pause(everyMs, stopping)
  }
}
