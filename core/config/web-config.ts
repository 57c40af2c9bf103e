import { z } from 'zod'
import * as variable from './variables.ts'

/** What the web process is told by its environment. */
export const webConfigSchema = z
  .object({
    BOT_TOKEN: variable.botToken,
    TELEGRAM_API_ROOT: variable.apiRoot('https://api.telegram.org'),
    ADMIN_CHAT_ID: variable.ownerIds,
    STRIPE_API_KEY: variable.stripeApiKey,
    STRIPE_WEBHOOK_SECRET: variable.stripeWebhookSecret,
    STRIPE_API_BASE: variable.apiRoot('https://api.stripe.com'),
    DATABASE_URL: variable.databaseUrl,
    PUBLIC_URL: variable.publicUrl,
    PORT: variable.port(3000),
    NEXTAUTH_SECRET: variable.sessionSecret,
    CURRENCY: variable.currency,
    LOG_LEVEL: variable.logLevel,
  })
  .transform((env) => ({
    botToken: env.BOT_TOKEN,
    /** The number before the colon of the token is the bot's own user id. */
    botId: Number(env.BOT_TOKEN.split(':')[0]),
    telegramApiRoot: env.TELEGRAM_API_ROOT,
    ownerIds: env.ADMIN_CHAT_ID,
    stripeApiKey: env.STRIPE_API_KEY,
    stripeWebhookSecret: env.STRIPE_WEBHOOK_SECRET,
    stripeApiBase: env.STRIPE_API_BASE,
    databaseUrl: env.DATABASE_URL,
    publicUrl: env.PUBLIC_URL,
    port: env.PORT,
    sessionSecret: env.NEXTAUTH_SECRET,
    currency: env.CURRENCY,
    logLevel: env.LOG_LEVEL,
  }))

export type WebConfig = z.output<typeof webConfigSchema>
