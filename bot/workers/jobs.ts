import PgBoss from 'pg-boss'
import type { BotServices } from '#bot/context.ts'
import { backoffMs, pause } from '#bot/patience.ts'
import { forgetKeptMessages } from '#core/kept-messages/drop-kept-message.ts'
import { expireBonus } from '#core/ledger/expire-bonus.ts'
import { reportLedger } from '#core/ledger/report-ledger.ts'
import { warnEndingBonus } from '#core/ledger/warn-ending-bonus.ts'
import { warnEndingPasses } from '#core/ledger/warn-ending-passes.ts'
import { pruneOutbox } from '#core/outbox/prune-outbox.ts'
import { forgetToldNotices } from '#core/payments/notices.ts'
import { reconcileRefunds } from '#core/payments/refunds/reconcile-refunds.ts'
import { tryCheckAgainstStripe } from '#core/payments/stripe-events/check-against-stripe.ts'
import { fetchMissedEvents } from '#core/payments/stripe-events/fetch-missed-events.ts'
import { pruneStripeEvents } from '#core/payments/stripe-events/prune-stripe-events.ts'
import { blankOldMessages } from '#core/privacy/blank-messages.ts'
import { deleteCustomers } from '#core/privacy/delete-customers.ts'

interface Job {
  name: string
  /** In UTC, by the minute. */
  cron: string
  run(services: BotServices): Promise<void>
}

const PRUNE_BATCH = 1_000
const RETRY = { firstMs: 500, maxMs: 10_000 }

export const jobs: readonly Job[] = [
  {
    name: 'delete-customers',
    cron: '* * * * *',
    async run({ database, rail }) {
      await deleteCustomers(database.prisma, { rail })
    },
  },
  {
    name: 'blank-old-messages',
    cron: '10 3 * * *',
    async run({ database, settings, now }) {
      await blankOldMessages(database.prisma, { days: settings.current.retentionDays, now: now() })
    },
  },
  {
    name: 'warn-ending-passes',
    cron: '* * * * *',
    async run({ database, settings }) {
      await warnEndingPasses(database.prisma, { withinSeconds: settings.current.lowPassSeconds })
    },
  },
  {
    name: 'expire-bonus',
    cron: '* * * * *',
    async run({ database, settings, now }) {
      await warnEndingBonus(database.prisma, { days: settings.current.bonusWarningDays, now: now() })
      await expireBonus(database.prisma, { now: now() })
    },
  },
  {
    name: 'forget-kept-messages',
    cron: '*/10 * * * *',
    async run({ database, now }) {
      await forgetKeptMessages(database.prisma, { now: now() })
    },
  },
  {
    name: 'reconcile-refunds',
    cron: '* * * * *',
    async run({ database, rail, now }) {
      await reconcileRefunds(database.prisma, rail, { now: now() })
    },
  },
  {
    name: 'fetch-missed-events',
    cron: '*/5 * * * *',
    async run({ database, rail, log, now }) {
      const result = await fetchMissedEvents(database, rail, { now: now() })
      if (result.missed > 0) log.warn(result, 'events of Stripe had never arrived')
    },
  },
  {
    name: 'check-against-stripe',
    cron: '20 4 * * *',
    async run({ database, rail, log, now }) {
      const result = await tryCheckAgainstStripe(database.prisma, rail, { now: now() })
      if (result === null) log.warn('Stripe did not answer, so the books were not compared with it')
      await forgetToldNotices(database.prisma, { now: now() })
    },
  },
  {
    name: 'verify-ledger',
    cron: '40 3 * * *',
    async run({ database }) {
      await reportLedger(database)
    },
  },
  {
    name: 'prune-outbox',
    cron: '50 3 * * *',
    async run({ database }) {
      while ((await pruneOutbox(database.pool, { limit: PRUNE_BATCH })) === PRUNE_BATCH);
    },
  },
  {
    name: 'prune-stripe-events',
    cron: '55 3 * * *',
    async run({ database }) {
      while ((await pruneStripeEvents(database.pool, { limit: PRUNE_BATCH })) === PRUNE_BATCH);
    },
  },
]

/**
 * Runs the periodic jobs, each by one process at a time however many there are. A database that is away at first is
 * asked again until it is there.
 */
export function startJobs(services: BotServices): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const scheduled = keepScheduling(services, stopping.signal)
  return {
    async stop() {
      stopping.abort()
      const boss = await scheduled
      await boss?.stop({ graceful: true, wait: true, timeout: 10_000 })
    },
  }
}

async function keepScheduling(services: BotServices, signal: AbortSignal): Promise<PgBoss | null> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      return await scheduleJobs(services)
    } catch (error) {
      services.log.warn({ error, attempt }, 'the jobs cannot be scheduled yet')
      await pause(backoffMs(attempt, RETRY), signal)
    }
  }
  return null
}

async function scheduleJobs(services: BotServices): Promise<PgBoss> {
  const { config, log } = services
  // A database that freezes must not keep a stop waiting for ever.
  const patience = { connectionTimeoutMillis: 5_000, query_timeout: 30_000 }
  const pool = { connectionString: config.databaseUrl, application_name: 'paydesk jobs', max: 2, ...patience }
  const boss = new PgBoss(pool)
  boss.on('error', (error) => log.error({ error }, 'a job could not be run'))
  try {
    await boss.start()
    for (const job of jobs) {
      await boss.createQueue(job.name, { name: job.name, policy: 'singleton', retryLimit: 2 })
      await boss.work(job.name, { pollingIntervalSeconds: 10 }, () => job.run(services))
      await boss.schedule(job.name, job.cron)
    }
    return boss
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => undefined)
    throw error
  }
}
