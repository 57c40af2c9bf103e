import { Composer } from 'grammy'
import type { BotContext } from '#bot/context.ts'

/** Last in the chain: whatever nobody wanted. A pressed button must always be answered, or it spins for ever. */
export const fallback = new Composer<BotContext>()

fallback.on('callback_query', async (ctx) => {
  await ctx.answerCallbackQuery({ text: ctx.t('stale-button') })
})

fallback.chatType('private').on('message', async (ctx) => {
  await ctx.reply(ctx.t('unknown-command'))
})
