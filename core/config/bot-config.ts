import { z } from 'zod'
import * as variable from './variables.ts'

/** What the bot process is told by its environment. */
export const botConfigSchema = z
  .object({
    BOT_TOKEN: variable.botToken,
    TELEGRAM_API_ROOT: variable.apiRoot('https://api.telegram.org'),
    TELEGRAM_LINK_ROOT: variable.apiRoot('https://t.me'),
    ADMIN_GROUP_ID: variable.adminGroupId,
    ADMIN_CHAT_ID: variable.ownerIds,
    STRIPE_API_KEY: variable.stripeApiKey,
    STRIPE_API_BASE: variable.apiRoot('https://api.stripe.com'),
    DATABASE_URL: variable.databaseUrl,
    PUBLIC_URL: variable.publicUrl,
    BOT_HEALTH_PORT: variable.port(3001),
    CURRENCY: variable.currency,
    LOG_LEVEL: variable.logLevel,
    LIMIT_CHAT_PER_SECOND: variable.rate(1),
    LIMIT_GROUP_PER_MINUTE: variable.rate(18),
    LIMIT_BULK_PER_SECOND: variable.rate(28),
  })
  .transform((env) => ({
    botToken: env.BOT_TOKEN,
    /** The number before the colon of the token is the bot's own user id. */
    botId: Number(env.BOT_TOKEN.split(':')[0]),
    telegramApiRoot: env.TELEGRAM_API_ROOT,
    telegramLinkRoot: env.TELEGRAM_LINK_ROOT,
    adminGroupId: env.ADMIN_GROUP_ID,
    ownerIds: env.ADMIN_CHAT_ID,
    stripeApiKey: env.STRIPE_API_KEY,
    stripeApiBase: env.STRIPE_API_BASE,
    databaseUrl: env.DATABASE_URL,
    publicUrl: env.PUBLIC_URL,
    healthPort: env.BOT_HEALTH_PORT,
    currency: env.CURRENCY,
    logLevel: env.LOG_LEVEL,
    limits: {
      chatPerSecond: env.LIMIT_CHAT_PER_SECOND,
      groupPerMinute: env.LIMIT_GROUP_PER_MINUTE,
      bulkPerSecond: env.LIMIT_BULK_PER_SECOND,
    },
  }))

export type BotConfig = z.output<typeof botConfigSchema>
