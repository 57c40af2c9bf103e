import type { I18n } from '@grammyjs/i18n'
import type { PreCheckoutQuery, Update } from 'grammy/types'
import type { Logger } from 'pino'
import type { BotConfig } from '#bot/config.ts'
import { createPreCheckoutAnswerer } from '#bot/payments/answer-pre-checkout.ts'
import { createTelegram } from '#bot/telegram/api.ts'
import { openPool } from '#core/db.ts'

export interface PreCheckout {
  /** Takes charge of an update that asks before a payment. */
  take(update: Update): boolean
  /** Lets the answers under way arrive. */
  stop(): Promise<void>
}

/**
 * Answers questions before payments over connections of its own, to Telegram and to the database: nothing else that the
 * bot has to do can make them wait.
 */
export function startPreCheckout({
  config,
  log,
  i18n,
  now,
}: {
  config: BotConfig
  log: Logger
  i18n: I18n
  now: () => Date
}): PreCheckout {
  const pool = openPool(
    {
      connectionString: config.databaseUrl,
      application_name: 'paydesk pre-checkout',
      max: 2,
      connectionTimeoutMillis: 3_000,
      query_timeout: 4_000,
    },
    (error) => log.warn({ error }, 'an idle database connection broke'),
  )
  const telegram = createTelegram({
    token: config.botToken,
    apiRoot: config.telegramApiRoot,
    limits: config.limits,
    connections: 4,
    timeoutMs: 8_000,
  })
  const answer = createPreCheckoutAnswerer({ sql: pool, api: telegram.apis.user, i18n, log, now })
  const underWay = new Set<Promise<void>>()
  return {
    take({ pre_checkout_query: query }) {
      if (!isAnswerable(query)) return false
      const answering = answer(query).finally(() => underWay.delete(answering))
      underWay.add(answering)
      return true
    },
    async stop() {
      await Promise.all(underWay)
      await Promise.all([pool.end(), telegram.close()])
    },
  }
}

/** Updates are what somebody sent; one that cannot be answered goes the way of all others. */
function isAnswerable(query: Partial<PreCheckoutQuery> | undefined): query is PreCheckoutQuery {
  return typeof query?.id === 'string' && typeof query.from?.id === 'number'
}
