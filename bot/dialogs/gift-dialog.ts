import type { Conversation } from '@grammyjs/conversations'
import { InlineKeyboard } from 'grammy'
import type { BotContext, DialogContext } from '#bot/context.ts'
import { actorFor } from '#bot/features/actor.ts'
import { giveGift, MAX_GIFT_CREDITS } from '#core/ledger/give-gift.ts'
import { findUser } from '#core/users/find-user.ts'

const PRESETS = [5, 10, 25, 50]
const ANSWER_WITHIN_MS = 5 * 60_000

/** Asks how many credits and why, then gives them. One message, edited in place. */
export async function giftDialog(
  conversation: Conversation<BotContext, DialogContext>,
  ctx: DialogContext,
  userId: string,
): Promise<void> {
  const name = await conversation.external((outer) => nameOf(outer, userId))
  const keyboard = new InlineKeyboard()
  for (const credits of PRESETS) keyboard.text(String(credits), `d1:${credits}`)
  keyboard.row().text(ctx.t('dialog-cancel'), 'd1:cancel')
  const question = await ctx.reply(ctx.t('gift-how-many', { name }), { reply_markup: keyboard })
  const show = (text: string, reply_markup?: InlineKeyboard) =>
    ctx.api.editMessageText(question.chat.id, question.message_id, text, { reply_markup })

  const credits = await askCredits(conversation)
  if (credits === null) {
    await show(ctx.t('dialog-cancelled'))
    return
  }
  await show(
    ctx.t('gift-why', { name, credits }),
    new InlineKeyboard().text(ctx.t('gift-no-reason'), 'd1:skip').text(ctx.t('dialog-cancel'), 'd1:cancel'),
  )
  const reason = await askReason(conversation)
  if (reason === null) {
    await show(ctx.t('dialog-cancelled'))
    return
  }
  const outcome = await conversation.external(async (outer) => {
    const actor = await actorFor(outer, 'admin')
    if (!actor) return { status: 'forbidden' as const }
    const ref = `gift:${question.chat.id}:${question.message_id}`
    return giveGift(outer.services.database.prisma, { userId: BigInt(userId), credits, reason, ref, actor })
  })
  if (outcome.status === 'forbidden') await show(ctx.t('team-not-allowed'))
  else await show(ctx.t('gift-given', { name, credits }))
}

async function nameOf(ctx: BotContext, userId: string): Promise<string> {
  const user = await findUser(ctx.services.database.prisma, { userId: BigInt(userId) })
  return user?.firstName ?? userId
}

/** A preset button or a typed number; null when cancelled or not answered in time. */
async function askCredits(conversation: Conversation<BotContext, DialogContext>): Promise<number | null> {
  for (;;) {
    const answer = await nextAnswer(conversation)
    if (answer.text === 'cancel') return null
    const credits = Number(answer.text)
    if (Number.isInteger(credits) && credits >= 1 && credits <= MAX_GIFT_CREDITS) return credits
    await answer.ctx.reply(answer.ctx.t('gift-not-a-number', { most: MAX_GIFT_CREDITS }))
  }
}

async function askReason(conversation: Conversation<BotContext, DialogContext>): Promise<string | null> {
  const { text } = await nextAnswer(conversation)
  if (text === 'cancel') return null
  return text === 'skip' ? 'Gift from the team' : text.slice(0, 200)
}

/** What was tapped (without its prefix) or typed next. */
async function nextAnswer(
  conversation: Conversation<BotContext, DialogContext>,
): Promise<{ text: string; ctx: DialogContext }> {
  const ctx = await conversation.waitFor(['callback_query:data', 'message:text'], {
    maxMilliseconds: ANSWER_WITHIN_MS,
    next: true,
  })
  const data = ctx.callbackQuery?.data
  if (data === undefined) return { text: ctx.msg?.text?.trim() ?? '', ctx }
  await ctx.answerCallbackQuery()
  return { text: data.startsWith('d1:') ? data.slice('d1:'.length) : '', ctx }
}
