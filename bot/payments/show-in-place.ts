import type { InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'

/**
 * Shows a menu where the user is: in the message whose button they pressed, or in a new one. A message that Telegram
 * no longer lets us edit is answered by a new one; pressing twice changes nothing.
 */
export async function showInPlace(ctx: BotContext, text: string, keyboard: InlineKeyboard): Promise<void> {
  const options = { reply_markup: keyboard, link_preview_options: { is_disabled: true } }
  if (ctx.callbackQuery) {
    try {
      await ctx.editMessageText(text, options)
      return
    } catch (error) {
      const failure = classifyTelegramError(error)?.kind
      if (failure === 'not-modified') return
      if (failure !== 'message-gone' && failure !== 'bad-request') throw error
    }
  }
  await ctx.reply(text, options)
}
