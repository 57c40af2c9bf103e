import { Composer, InlineKeyboard } from 'grammy'
import { USER_COMMANDS } from '#bot/commands.ts'
import type { BotContext } from '#bot/context.ts'
import { profileOf } from '#bot/features/profile.ts'
import { redeemCode } from '#bot/features/redeem.ts'
import { OPEN_SHOP } from '#bot/payments/product-keyboard.ts'
import { escapeHtml } from '#bot/telegram/escape-html.ts'
import { readReferralCode } from '#core/promotions/referral-code.ts'
import { registerUser } from '#core/users/register-user.ts'

/** The first hello, and help for those who ask. */
export const start = new Composer<BotContext>()

const privateChat = start.chatType('private')

/** t.me/<bot>?start=ref_<code> comes from somebody who invites, promo_<code> redeems at once. */
const DEEP_LINK = /^(ref|promo)_([\w-]{1,58})$/

privateChat.command('start', async (ctx) => {
  const [, way, code = ''] = DEEP_LINK.exec(ctx.match) ?? []
  const referrerId = way === 'ref' ? readReferralCode(code) : null
  const source = way === 'ref' ? 'referral' : ctx.match.slice(0, 64) || null
  await registerUser(ctx.services.database.prisma, { ...profileOf(ctx.from), source, referrerId })
  await ctx.reply(ctx.t('start-welcome', { name: ctx.from.first_name }), {
    reply_markup: new InlineKeyboard().text(ctx.t('start-button'), OPEN_SHOP),
  })
  if (way === 'promo') await redeemCode(ctx, code)
})

privateChat.command('help', async (ctx) => {
  const { messageCosts } = ctx.services.settings.current
  const groups = Object.entries(USER_COMMANDS).map(([group, commands]) => {
    const lines = commands.map((command) => `/${command} – ${escapeHtml(ctx.t(`command-${command}`))}`)
    return [`<b>${escapeHtml(ctx.t(`help-${group}`))}</b>`, ...lines].join('\n')
  })
  const text = [escapeHtml(ctx.t('help-text')), escapeHtml(ctx.t('message-costs', messageCosts)), ...groups].join(
    '\n\n',
  )
  await ctx.reply(text, { parse_mode: 'HTML' })
})
