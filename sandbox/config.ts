import { z } from 'zod'

const port = z.string().regex(/^\d+$/).transform(Number)

/**
 * What the stand-ins are told by whoever starts them. They play the outside world, so they are given the same secrets
 * as the real bot and web app, and the address to which Stripe would send its webhooks.
 */
const schema = z
  .object({
    SANDBOX_TELEGRAM_PORT: port.default(0),
    SANDBOX_STRIPE_PORT: port.default(0),
    SANDBOX_PHONE_PORT: port.default(0),
    /** A folder for the traffic logs; none are written without it. */
    SANDBOX_TRAFFIC_DIR: z.string().optional(),
    /** A folder in which the stand-ins keep their world, so that it is there again after a restart. */
    SANDBOX_DATA_DIR: z.string().optional(),
    BOT_TOKEN: z.string(),
    ADMIN_GROUP_ID: z.string().transform(Number),
    ADMIN_CHAT_ID: z.string().transform((text) => text.split(',').map(Number)),
    STRIPE_API_KEY: z.string(),
    STRIPE_WEBHOOK_SECRET: z.string(),
    PUBLIC_URL: z.string(),
  })
  .transform((env) => ({
    telegramPort: env.SANDBOX_TELEGRAM_PORT,
    stripePort: env.SANDBOX_STRIPE_PORT,
    phonePort: env.SANDBOX_PHONE_PORT,
    trafficDir: env.SANDBOX_TRAFFIC_DIR ?? null,
    dataDir: env.SANDBOX_DATA_DIR ?? null,
    botToken: env.BOT_TOKEN,
    adminGroupId: env.ADMIN_GROUP_ID,
    ownerIds: env.ADMIN_CHAT_ID,
    stripeApiKey: env.STRIPE_API_KEY,
    stripeWebhookSecret: env.STRIPE_WEBHOOK_SECRET,
    stripeWebhookUrl: `${env.PUBLIC_URL}/api/stripe/webhook`,
    publicUrl: env.PUBLIC_URL,
  }))

export type SandboxConfig = z.output<typeof schema>

/** The only place where the sandbox reads its environment. */
export function loadConfig(environment: Readonly<Record<string, string | undefined>> = process.env): SandboxConfig {
  return schema.parse(environment)
}
