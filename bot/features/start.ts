import { Composer, InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { profileOf } from '#bot/features/profile.ts'
import { OPEN_SHOP } from '#bot/payments/product-keyboard.ts'
import { registerUser } from '#core/users/register-user.ts'

/** The first hello, and help for those who ask. */
export const start = new Composer<BotContext>()

const privateChat = start.chatType('private')

privateChat.command('start', async (ctx) => {
  const source = ctx.match.slice(0, 64) || null
  await registerUser(ctx.services.database.prisma, { ...profileOf(ctx.from), source })
  await ctx.reply(ctx.t('start-welcome', { name: ctx.from.first_name }), {
    reply_markup: new InlineKeyboard().text(ctx.t('start-button'), OPEN_SHOP),
  })
})

privateChat.command('help', async (ctx) => {
  const costs = ctx.services.settings.current.messageCosts
  await ctx.reply(ctx.t('help-text', costs))
})
