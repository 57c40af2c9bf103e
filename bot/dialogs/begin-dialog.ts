import type { BotContext } from '#bot/context.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'

/**
 * Begins a dialog after a press; the same person's earlier one in this topic gives way to it. Not with an anonymous
 * admin: what they type comes from the group itself, so it would pass the dialog by and go to the user.
 */
export async function beginDialog(ctx: BotContext, dialog: string, ...args: unknown[]): Promise<void> {
  if (await writesAnonymously(ctx)) {
    await ctx.answerCallbackQuery({ text: ctx.t('dialog-anonymous'), show_alert: true })
    return
  }
  await ctx.answerCallbackQuery()
  await ctx.conversation.exitAll()
  await ctx.conversation.enter(dialog, ...args)
}

async function writesAnonymously(ctx: BotContext): Promise<boolean> {
  try {
    const member = await ctx.getAuthor()
    return 'is_anonymous' in member && member.is_anonymous
  } catch (error) {
    const kind = classifyTelegramError(error)?.kind
    // Telegram tells the bot of others only where it is an admin itself.
    if (kind !== 'bad-request' && kind !== 'no-rights') throw error
    return false
  }
}
