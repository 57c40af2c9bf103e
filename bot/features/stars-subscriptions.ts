import { Composer, InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { assertNever } from '#core/assert-never.ts'
import { listStarsSubscriptions } from '#core/payments/stars/list-stars-subscriptions.ts'
import { setStarsRenewal } from '#core/payments/stars/set-stars-renewal.ts'

/** Shows a person their subscriptions in Stars, and ends or resumes the renewal. */
export const starsSubscriptions = new Composer<BotContext>()

const privateChat = starsSubscriptions.chatType('private')

/** Stop or renew, and the order that began the subscription; looked up again, since anybody can send anything. */
const RENEWAL_DATA = /^s2:(stop|renew):([0-9a-f-]{36})$/

privateChat.command('stars', async (ctx) => {
  const { database, now } = ctx.services
  const person = { userId: BigInt(ctx.from.id), now: now() }
  const subscriptions = await listStarsSubscriptions(database.prisma, person)
  if (subscriptions.length === 0) {
    await ctx.reply(ctx.t('stars-none'))
    return
  }
  for (const { orderId, label, renews, currentPeriodEnd } of subscriptions) {
    const until = currentPeriodEnd?.getTime() ?? 0
    const keyboard = renews
      ? new InlineKeyboard().text(ctx.t('stars-stop-button'), `s2:stop:${orderId}`)
      : new InlineKeyboard().text(ctx.t('stars-renew-button'), `s2:renew:${orderId}`)
    await ctx.reply(ctx.t(renews ? 'stars-renews' : 'stars-ends', { label, until }), { reply_markup: keyboard })
  }
})

privateChat.callbackQuery(RENEWAL_DATA, async (ctx) => {
  const { database, starsRail } = ctx.services
  const [, wish, orderId = ''] = ctx.match
  const renews = wish === 'renew'
  const set = await setStarsRenewal(database.prisma, starsRail, { orderId, userId: BigInt(ctx.from.id), renews })
  switch (set.status) {
    case 'set': {
      await ctx.answerCallbackQuery()
      const until = set.currentPeriodEnd?.getTime() ?? 0
      await ctx.editMessageText(ctx.t(renews ? 'stars-may-renew' : 'stars-ends', { label: set.label, until }))
      return
    }
    case 'over':
      await ctx.answerCallbackQuery({ text: ctx.t('stars-over'), show_alert: true })
      return
    default:
      assertNever(set)
  }
})
