import { setTimeout as delay } from 'node:timers/promises'
import type { Api } from 'grammy'
import type { UserFromGetMe } from 'grammy/types'
import type { Logger } from 'pino'
import { classifyTelegramError } from '#bot/telegram/errors.ts'

const RETRY_AFTER_MS = 2_000
/** An hour without Telegram must not fill the log. */
const SAY_EVERY = 10

/** Who the bot is. Waits for Telegram as long as it takes; only a wrong token is worth giving up for. */
export async function fetchBotInfo(api: Api, log: Logger): Promise<UserFromGetMe> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await api.getMe()
    } catch (error) {
      if (classifyTelegramError(error)?.kind === 'unauthorized') {
        throw new Error('Telegram does not accept BOT_TOKEN. Copy it again from @BotFather.', { cause: error })
      }
      if (attempt % SAY_EVERY === 1) log.warn({ error, attempt }, 'Telegram does not answer yet')
      await delay(RETRY_AFTER_MS)
    }
  }
}
