import { Composer } from 'grammy'
import type { BotContext } from '#bot/context.ts'

/** What the owner tells about privacy and terms; a standard text while they have not written their own. */
export const privacy = new Composer<BotContext>()

const privateChat = privacy.chatType('private')

privateChat.command('privacy', async (ctx) => {
  const { privacyText, retentionDays } = ctx.services.settings.current
  await ctx.reply(privacyText || ctx.t('privacy-standard', { days: retentionDays }), noPreview)
})

privateChat.command('terms', async (ctx) => {
  await ctx.reply(ctx.services.settings.current.termsText || ctx.t('privacy-terms-standard'), noPreview)
})

const noPreview = { link_preview_options: { is_disabled: true } }
