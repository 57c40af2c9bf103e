import { Composer, InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { showInPlace } from '#bot/payments/show-in-place.ts'
import { assertNever } from '#core/assert-never.ts'
import { eraseUser } from '#core/privacy/erase-user.ts'
import { findUser } from '#core/users/find-user.ts'
import { readBalance } from '#core/users/read-balance.ts'

/** Forgets a user who asks for it and confirms. */
export const deleteme = new Composer<BotContext>()

const privateChat = deleteme.chatType('private')

/** The button carries when it was shown: one that was found months later asks again. */
const CONFIRM_DATA = /^e1:yes:(\d{1,12})$/
const KEEP = 'e1:no'
const VALID_FOR_SECONDS = 3_600

type UserContext = BotContext & { from: NonNullable<BotContext['from']> }

privateChat.command('deleteme', ask)

privateChat.callbackQuery(KEEP, async (ctx) => {
  await ctx.answerCallbackQuery()
  await showInPlace(ctx, ctx.t('privacy-delete-kept'), new InlineKeyboard())
})

privateChat.callbackQuery(CONFIRM_DATA, async (ctx) => {
  await ctx.answerCallbackQuery()
  const { database, now } = ctx.services
  const shownAt = Number(ctx.match[1])
  const age = Math.floor(now().getTime() / 1000) - shownAt
  if (age < 0 || age > VALID_FOR_SECONDS) return ask(ctx)
  const erased = await eraseUser(database.prisma, { userId: BigInt(ctx.from.id), now: now() })
  switch (erased.status) {
    case 'erased':
    case 'erased_before':
      return showInPlace(ctx, ctx.t('privacy-deleted'), new InlineKeyboard())
    case 'unknown':
      return showInPlace(ctx, ctx.t('privacy-nothing'), new InlineKeyboard())
    default:
      return assertNever(erased)
  }
})

async function ask(ctx: UserContext): Promise<void> {
  const { database, now } = ctx.services
  const userId = BigInt(ctx.from.id)
  const user = await findUser(database.prisma, { userId })
  if (!user || user.erasedAt) {
    await showInPlace(ctx, ctx.t('privacy-nothing'), new InlineKeyboard())
    return
  }
  const { credits, passUntil } = await readBalance(database.prisma, { userId, now: now() })
  const keyboard = new InlineKeyboard()
    .text(ctx.t('privacy-delete-button'), `e1:yes:${Math.floor(now().getTime() / 1000)}`)
    .row()
    .text(ctx.t('privacy-keep-button'), KEEP)
  const hasPass = passUntil === null ? 'no' : 'yes'
  await showInPlace(ctx, ctx.t('privacy-delete-ask', { credits: Math.max(credits, 0), hasPass }), keyboard)
}
