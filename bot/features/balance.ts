import { Composer } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { buyKeyboard } from '#bot/features/buy.ts'
import { progressBar } from '#bot/telegram/progress-bar.ts'
import { timeLeft } from '#bot/telegram/time-left.ts'
import { readBalance } from '#core/users/read-balance.ts'

/** Shows a user what they hold. */
export const balance = new Composer<BotContext>()

balance.chatType('private').command('balance', async (ctx) => {
  const { database, now } = ctx.services
  const held = await readBalance(database.prisma, { userId: BigInt(ctx.from.id), now: now() })
  const lines = [
    held.credits < 0
      ? ctx.t('balance-below-zero', { owed: -held.credits })
      : ctx.t('balance-credits', { credits: held.credits, bar: progressBar(held.credits, held.fullCredits) }),
  ]
  if (held.passUntil) lines.push(ctx.t('balance-pass', { left: timeLeft(held.passUntil, now()) }))
  await ctx.reply(lines.join('\n'), { reply_markup: await buyKeyboard(ctx) })
})
