import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { SandboxConfig } from '../config.ts'
import type { StripeStandIn } from '../stripe/control-types.ts'
import { startStripe } from '../stripe/server.ts'
import { startTelegram, type TelegramStandIn } from '../telegram/server.ts'
import { createDemoWorld } from './demo-world.ts'
import { keepWorld } from './keep-world.ts'
import { loadPage } from './page-files.ts'
import { type PhoneServer, startPhone } from './server.ts'

const BOT = { name: 'Paydesk', username: 'paydesk_bot' }

export interface Sandbox {
  telegram: TelegramStandIn
  stripe: StripeStandIn
  phone: PhoneServer
  close(): Promise<void>
}

/** Everything outside of Paydesk in one process: Telegram, Stripe, and the page on which to play with them. */
export async function startSandbox(config: SandboxConfig): Promise<Sandbox> {
  const { trafficDir, dataDir } = config
  const files = loadPage()
  const telegram = await startTelegram({
    port: config.telegramPort,
    token: config.botToken,
    botName: BOT.name,
    botUsername: BOT.username,
    ...(trafficDir === null ? {} : { trafficLog: join(trafficDir, 'telegram') }),
  })
  const stripe = await startStripe({
    port: config.stripePort,
    apiKey: config.stripeApiKey,
    webhookUrl: config.stripeWebhookUrl,
    webhookSecret: config.stripeWebhookSecret,
    ...(dataDir === null ? {} : { memoryFile: join(dataDir, 'stripe-memory.bin') }),
    ...(trafficDir === null ? {} : { trafficLog: join(trafficDir, 'stripe.jsonl') }),
  })
  const keeper = dataDir !== null ? keepWorld(telegram.internals, join(dataDir, 'telegram-world.bin')) : null
  const setup = createDemoWorld(telegram.world, {
    worldId: keeper?.worldId ?? randomUUID(),
    groupId: config.adminGroupId,
    ownerId: config.ownerIds[0] ?? 1,
    publicUrl: config.publicUrl,
    bot: { id: Number(config.botToken.split(':')[0]), ...BOT },
  })
  const phone = await startPhone({
    port: config.phonePort,
    telegramUrl: telegram.url,
    stripeUrl: stripe.url,
    setup,
    files: await files,
  })
  return {
    telegram,
    stripe,
    phone,
    close: async () => {
      await phone.close()
      keeper?.stop()
      await Promise.all([telegram.close(), stripe.close()])
    },
  }
}
