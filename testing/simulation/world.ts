import { Api } from 'grammy'
import { Stripe } from 'stripe'
import { createStarsRail } from '#bot/telegram/stars-rail.ts'
import { stripeClientOptions } from '#core/rails/stripe/stripe-client-options.ts'
import { createStripeRail } from '#core/rails/stripe/stripe-rail.ts'
import { startStripe } from '#sandbox/stripe/server.ts'
import { startTelegram } from '#sandbox/telegram/server.ts'
import { type BotProcess, buildBotBundle, spawnBot } from '#testing/bot-process.ts'
import { countOthers } from '#testing/connections.ts'
import { createTestDatabase } from '#testing/database.ts'
import { ageDatabase } from '#testing/simulation/age-database.ts'
import { BOT_ID, GROUP, OLIVIA, PUBLIC_URL } from '#testing/simulation/places.ts'
import { openStripeTime } from '#testing/simulation/stripe-time.ts'
import { openWeb } from '#testing/simulation/web.ts'

const TOKEN = `${BOT_ID}:simulation-token-that-opens-nothing`
const API_KEY = 'sk_test_51SimulationKeyForTests'
const WEBHOOK_SECRET = 'whsec_simulation_secret_for_tests'
/** Telegram's own bound. */
const STARS_PAGE = 100
const BOT_STARTS_WITHIN_MS = 60_000

export type World = Awaited<ReturnType<typeof openWorld>>

/** Stripe, Telegram, the database, the web app's handlers and a bot in a process of its own. */
export async function openWorld() {
  await buildBotBundle()
  const [database, telegram, stripe] = await Promise.all([
    createTestDatabase(),
    startTelegram({ token: TOKEN, limits: 'off' }),
    startStripe({ apiKey: API_KEY }),
  ])
  const time = await openStripeTime(stripe.url)
  const sdk = new Stripe(API_KEY, stripeClientOptions(time.url))
  const rail = createStripeRail(sdk, { apiKey: API_KEY })
  const web = await openWeb({ database, rail, stripe: sdk, time, webhookSecret: WEBHOOK_SECRET })
  await stripe.world.setWebhook({ url: web.webhookUrl, secret: WEBHOOK_SECRET })
  await stripe.world.setWebhookRetries({ firstDelayMs: 50, maxDelayMs: 1_000 })
  telegram.world.createUser({ id: OLIVIA, firstName: 'Olivia' })
  telegram.world.createForum({ id: GROUP, title: 'Team', ownerId: OLIVIA })

  const botEnvironment = {
    BOT_TOKEN: TOKEN,
    TELEGRAM_API_ROOT: telegram.url,
    ADMIN_GROUP_ID: String(GROUP),
    ADMIN_CHAT_ID: String(OLIVIA),
    STRIPE_API_KEY: API_KEY,
    STRIPE_API_BASE: time.url,
    DATABASE_URL: database.url,
    PUBLIC_URL,
  }
  const api = new Api(TOKEN, { apiRoot: telegram.url })
  let bot: BotProcess | undefined

  async function startBot(): Promise<void> {
    bot = spawnBot({
      token: TOKEN,
      telegramUrl: telegram.url,
      databaseUrl: database.url,
      groupId: GROUP,
      ownerId: OLIVIA,
      env: botEnvironment,
    })
    await bot.leads
    await telegram.world.waitUntilPolling({ timeoutMs: BOT_STARTS_WITHIN_MS })
  }

  async function killBot(): Promise<void> {
    await bot?.kill()
    bot = undefined
  }

  /** Time goes by for everybody at once: Stripe's clock goes forward, and what the database remembers gets older. */
  async function letPass(seconds: number): Promise<void> {
    await time.skip(seconds, async () => {
      await stripe.world.pauseWebhooks()
      await stripe.world.advanceClock({ seconds })
      await ageDatabase(database.pool, { seconds })
    })
    await stripe.world.resumeWebhooks({ order: 'emitted' })
  }

  return {
    database,
    db: database.prisma,
    telegram: telegram.world,
    stripe: stripe.world,
    time,
    botEnvironment,
    rail,
    starsRail: createStarsRail(api),
    web,
    startBot,
    killBot,
    letPass,
    botLog: () => bot?.log() ?? '',
    query: async <Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> =>
      (await database.pool.query<Row>(sql, values)).rows,
    /** By Telegram's own list: the charges whose Stars went back. */
    async listRefundedStars(): Promise<Set<string>> {
      const refunded = new Set<string>()
      for (let offset = 0; ; offset += STARS_PAGE) {
        const { transactions } = await api.getStarTransactions({ offset, limit: STARS_PAGE })
        for (const { id, receiver } of transactions) if (receiver) refunded.add(id)
        if (transactions.length < STARS_PAGE) return refunded
      }
    },
    async close() {
      await stripe.world.removeWebhooks()
      if (bot?.isAlive()) await bot.kill()
      await web.close()
      await time.close()
      await Promise.all([stripe.close(), telegram.close()])
      await waitForDeadConnections(database)
      await database.close()
    },
  }
}

/** The database is not dropped under a killed process' connections. */
async function waitForDeadConnections({ pool }: Awaited<ReturnType<typeof createTestDatabase>>): Promise<void> {
  for (let look = 0; look < 500 && (await countOthers(pool)) > 0; look += 1) await pool.query('SELECT pg_sleep(0.02)')
}
