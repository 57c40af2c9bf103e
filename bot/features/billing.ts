import { Composer, InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { buyKeyboard } from '#bot/features/buy.ts'
import { BILLING_LINK_VALID_DAYS, handOutBillingLink } from '#core/billing/billing-link.ts'

/** Leads a user to their payments and cards at Stripe. */
export const billing = new Composer<BotContext>()

billing.chatType('private').command('billing', async (ctx) => {
  const { database, config, now } = ctx.services
  const { publicUrl } = config
  const url = await handOutBillingLink(database.prisma, { userId: BigInt(ctx.from.id), publicUrl, now: now() })
  if (url === null) {
    await ctx.reply(ctx.t('billing-nothing'), { reply_markup: await buyKeyboard(ctx) })
    return
  }
  await ctx.reply(ctx.t('billing-link', { days: BILLING_LINK_VALID_DAYS }), {
    reply_markup: new InlineKeyboard().url(ctx.t('billing-button'), url),
    link_preview_options: { is_disabled: true },
  })
})
