import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { Stripe } from 'stripe'
import { createAccept } from '#bot/accept.ts'
import { createBot } from '#bot/bot.ts'
import type { BotConfig } from '#bot/config.ts'
import type { BotServices } from '#bot/context.ts'
import { fetchBotInfo } from '#bot/fetch-bot-info.ts'
import { createHandler, createWorkBook, tellGivenUp } from '#bot/handle-updates.ts'
import { startHealthServer } from '#bot/health-server.ts'
import { startHeartbeat } from '#bot/heartbeat.ts'
import { loadTexts } from '#bot/i18n.ts'
import { startIngest } from '#bot/ingest/ingest.ts'
import type { IngestLimits } from '#bot/ingest/limits.ts'
import { noticeKeyboard } from '#bot/payments/notice-keyboard.ts'
import { startPreCheckout } from '#bot/payments/pre-checkout.ts'
import { registerCommands } from '#bot/register-commands.ts'
import { type StopStep, stopInOrder } from '#bot/stop.ts'
import { createTelegram } from '#bot/telegram/api.ts'
import { createStarsRail } from '#bot/telegram/stars-rail.ts'
import { startJobs } from '#bot/workers/jobs.ts'
import { createOutbox } from '#bot/workers/outbox/outbox.ts'
import { startRechargesWorker } from '#bot/workers/recharges.ts'
import { startStarsWorker } from '#bot/workers/stars.ts'
import { startStripeEventsWorker } from '#bot/workers/stripe-events.ts'
import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { openDatabase, openPool } from '#core/db.ts'
import { buildMigrations } from '#core/health/build-migrations.ts'
import { readHealth } from '#core/health/read-health.ts'
import { listen } from '#core/live/listen.ts'
import { stripeClientOptions } from '#core/rails/stripe/stripe-client-options.ts'
import { createStripeRail } from '#core/rails/stripe/stripe-rail.ts'
import { createSettingsCache } from '#core/settings/settings-cache.ts'
import { ensureOwners } from '#core/team/members.ts'

/** Puts the whole bot process together and starts it: the one place where its parts are made. */
export async function startBot(
  config: BotConfig,
  log: Logger,
  { ingest: patience }: { ingest?: Partial<IngestLimits> } = {},
): Promise<{ stop(): Promise<void> }> {
  const now = () => new Date()
  const { databaseUrl, botId } = config

  // The outbox's leases bear it, and so do the connections: while there is one, nobody takes its rows over.
  const workerId = `paydesk bot ${randomUUID()}`
  const database = openDatabase({ connectionString: databaseUrl, application_name: workerId }, (error) =>
    log.warn({ error }, 'an idle database connection broke'),
  )
  const { prisma } = database
  // Updates are taken in over connections of their own, or handlers that wait would keep everything out.
  const intake = openPool({ connectionString: databaseUrl, application_name: 'paydesk intake', max: 4 }, (error) =>
    log.warn({ error }, 'an idle database connection broke'),
  )
  const migrations = buildMigrations()
  const health = await startHealthServer(config.healthPort, () =>
    readHealth(prisma, { now: now(), expectBot: true, migrations }),
  )
  await ensureOwners(prisma, { ids: config.ownerIds.map(BigInt) })
  const settings = await createSettingsCache(prisma, (keys) => log.error({ keys }, 'stored settings do not fit'))
  const i18n = loadTexts()

  const telegram = createTelegram({ token: config.botToken, apiRoot: config.telegramApiRoot, limits: config.limits })
  const botInfo = await fetchBotInfo(telegram.apis.user, log)
  const buyKeyboard = noticeKeyboard(prisma, i18n, settings)
  // What is sent and what is listened to move together.
  const group = {
    get id() {
      return config.adminGroupId
    },
    set id(id: number) {
      config.adminGroupId = id
    },
  }
  const outbox = createOutbox({ database, telegram, i18n, settings, log, group, buyKeyboard, now }, { workerId })

  const stripe = new Stripe(config.stripeApiKey, stripeClientOptions(config.stripeApiBase))
  const rail = createStripeRail(stripe, { apiKey: config.stripeApiKey })
  const starsRail = createStarsRail(telegram.apis.background)
  const services: BotServices = {
    config,
    database,
    settings,
    rail,
    starsRail,
    log,
    now,
    accept: (message) => accept(message),
    followGroup: (toChatId) => outbox.followGroup(toChatId),
    forgetPerson: (userId) => outbox.forgetPerson(userId),
  }
  const accept = createAccept(services, outbox)
  const workBook = createWorkBook()
  const bot = createBot({ services, i18n, workOf: workBook.workOf, telegram, botInfo })

  const preCheckout = startPreCheckout({ config, log, i18n, now })
  const ingest = startIngest({
    sql: intake,
    databaseUrl,
    api: telegram.apis.user,
    botId,
    handle: createHandler(bot, workBook, services),
    onLead: () => outbox.takeOver(),
    takeUrgent: (update) => preCheckout.take(update),
    log,
    onGivenUp: tellGivenUp(services),
    alert: (trouble) => raiseAlert(prisma, trouble),
    limits: patience,
    now,
  })
  outbox.start()

  const suggestCommands = () =>
    registerCommands(telegram.apis.background, {
      db: prisma,
      i18n,
      adminGroupId: config.adminGroupId,
      rails: settings.current.rails,
    }).catch((error: unknown) => log.warn({ error }, 'the commands could not be registered; they work all the same'))
  const refreshSettings = async () => {
    const { rails } = settings.current
    await settings.refresh().catch((error: unknown) => log.warn({ error }, 'the settings could not be read again'))
    // The commands carry prices.
    if (settings.current.rails !== rails) await suggestCommands()
  }
  const payments = startStripeEventsWorker({ db: prisma, rail, log, now })
  const starsWorker = startStarsWorker({ db: prisma, rail: starsRail, log, now })
  const recharges = startRechargesWorker({ db: prisma, rail, publicUrl: config.publicUrl, log, now })
  const jobs = startJobs(services)
  const listener = listen({
    connectionString: databaseUrl,
    on: { outbox: () => outbox.wake(), stripeEvents: () => payments.wake(), settings: () => void refreshSettings() },
    onError: (error) => log.warn({ error }, 'notifications are interrupted'),
  })

  const heartbeat = startHeartbeat({
    id: randomUUID(),
    prisma,
    ingest,
    api: telegram.apis.background,
    botInfo,
    config,
    log,
    now,
  })
  await suggestCommands()
  log.info({ bot: botInfo.username }, 'the bot is running')

  // Nothing new comes in, what is under way ends, what was owed is written down; the pool goes last.
  const steps: StopStep[] = [
    ['health', () => new Promise<void>((resolve) => health.close(() => resolve()))],
    ['ingest', () => ingest.stop()],
    ['pre-checkout', () => preCheckout.stop()],
    ['notifications', () => listener.stop()],
    ['jobs', () => jobs.stop()],
    ['payments', () => payments.stop()],
    ['recharges', () => recharges.stop()],
    ['stars', () => starsWorker.stop()],
    ['outbox', () => outbox.stop()],
    ['heartbeat', () => heartbeat.stop()],
    ['telegram', () => telegram.close()],
    ['intake', () => intake.end()],
    ['database', () => database.close()],
  ]
  return { stop: () => stopInOrder(log, steps) }
}
