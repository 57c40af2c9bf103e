import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Api, Bot, type Context, GrammyError } from 'grammy'
import { startTelegram, type TelegramOptions, type TelegramStandIn } from './server.ts'

export const testToken = '123456:TEST'

/** A stand-in without limits, and the real grammY client in front of it. */
export async function startPlay(options: Partial<TelegramOptions> = {}) {
  const trafficLog = mkdtempSync(join(tmpdir(), 'telegram-traffic-'))
  const standIn = await startTelegram({ token: testToken, limits: 'off', trafficLog, ...options })
  const api = new Api(testToken, { apiRoot: standIn.url })
  return { standIn, world: standIn.world, api, trafficLog }
}

/** A running bot; `stop` waits until it is idle. */
export async function startBot(standIn: TelegramStandIn, install: (bot: Bot<Context>) => void, allowed?: 'all') {
  const bot = new Bot(testToken, { client: { apiRoot: standIn.url } })
  install(bot)
  const kinds = allowed
    ? {
        allowed_updates: ['message', 'edited_message', 'callback_query', 'my_chat_member', 'message_reaction'] as const,
      }
    : {}
  const running = bot.start({ timeout: 20, ...kinds })
  return {
    bot,
    stop: async () => {
      await bot.stop()
      await running
    },
  }
}

/** The description of the refusal a call ends in. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    if (error instanceof GrammyError) return `${error.error_code} ${error.description}`
    throw error
  }
  throw new Error('the call was not refused')
}
