import { Composer } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { profileOf } from '#bot/features/profile.ts'
import { chatLink } from '#bot/telegram/chat-link.ts'
import { readInvitations } from '#core/promotions/read-invitations.ts'
import { referralCodeOf } from '#core/promotions/referral-code.ts'
import { registerUser } from '#core/users/register-user.ts'

/** Gives users a link to invite others by, and says what it has brought. */
export const invite = new Composer<BotContext>()

invite.chatType('private').command('invite', async (ctx) => {
  const { database, settings } = ctx.services
  const profile = profileOf(ctx.from)
  await registerUser(database.prisma, profile)
  const link = chatLink(ctx, `ref_${referralCodeOf(profile.id)}`)
  const { referrer, referred } = settings.current.referralCredits
  const lines = [
    ctx.t('invite-link', { link }),
    ...(referrer > 0 ? [ctx.t('invite-for-you', { credits: referrer })] : []),
    ...(referred > 0 ? [ctx.t('invite-for-them', { credits: referred })] : []),
    ctx.t('invite-count', await readInvitations(database.prisma, { userId: profile.id })),
  ]
  await ctx.reply(lines.join('\n\n'), { link_preview_options: { is_disabled: true } })
})
