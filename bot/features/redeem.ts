import { Composer } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { profileOf } from '#bot/features/profile.ts'
import { timeLeft } from '#bot/telegram/time-left.ts'
import { assertNever } from '#core/assert-never.ts'
import { type Redeemed, redeemPromoCode } from '#core/promotions/redeem-promo-code.ts'
import { registerUser } from '#core/users/register-user.ts'

/** Takes promo codes. */
export const redeem = new Composer<BotContext>()

redeem.chatType('private').command('redeem', async (ctx) => {
  const code = ctx.match.trim()
  if (code === '') {
    await ctx.reply(ctx.t('redeem-how'))
    return
  }
  await registerUser(ctx.services.database.prisma, profileOf(ctx.from))
  await redeemCode(ctx, code)
})

/** Redeems a code for whoever wrote, who is known already, and says what came of it. */
export async function redeemCode(ctx: BotContext & { from: NonNullable<BotContext['from']> }, code: string) {
  const { database, now } = ctx.services
  const outcome = await redeemPromoCode(database.prisma, { userId: BigInt(ctx.from.id), code, now: now() })
  await ctx.reply(answerTo(ctx, outcome))
}

function answerTo(ctx: BotContext, outcome: Redeemed): string {
  switch (outcome.status) {
    case 'redeemed':
      return tellGain(ctx, outcome)
    case 'unknown':
      return ctx.t('redeem-unknown')
    case 'expired':
      return ctx.t('redeem-expired')
    case 'used_up':
      return ctx.t('redeem-used-up')
    case 'already_used':
      return ctx.t('redeem-already-used')
    case 'banned':
      return ctx.t('redeem-banned')
    case 'too_many_tries':
      return ctx.t('redeem-too-many-tries')
    default:
      return assertNever(outcome)
  }
}

function tellGain(ctx: BotContext, gain: Extract<Redeemed, { status: 'redeemed' }>): string {
  const { code, credits, balance, creditsUntil, passSeconds, passUntil } = gain
  const lines = [ctx.t('redeem-done', { code })]
  if (credits > 0) lines.push(ctx.t('redeem-credits', { credits, balance }))
  if (creditsUntil) lines.push(ctx.t('redeem-credits-end', { until: creditsUntil.getTime() }))
  if (passSeconds > 0 && passUntil) {
    lines.push(ctx.t('redeem-pass', { left: timeLeft(passUntil, ctx.services.now()) }))
  }
  return lines.join('\n')
}
