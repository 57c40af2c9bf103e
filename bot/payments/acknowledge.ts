import type { BotContext } from '#bot/context.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'

/** Ends the waiting sign on a pressed button. A press too old for Telegram to remember (a replay) needs no answer. */
export async function acknowledge(ctx: BotContext): Promise<void> {
  try {
    await ctx.answerCallbackQuery()
  } catch (error) {
    if (classifyTelegramError(error)?.kind !== 'bad-request') throw error
  }
}
