import type { Conversation } from '@grammyjs/conversations'
import { InlineKeyboard } from 'grammy'
import type { Message } from 'grammy/types'
import type { BotContext, DialogContext } from '#bot/context.ts'
import { actorFor } from '#bot/features/actor.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'
import { giveGift, MAX_GIFT_CREDITS } from '#core/ledger/give-gift.ts'
import { shortText } from '#core/storable-text.ts'
import { displayName } from '#core/topics/topic-name.ts'
import { findUser } from '#core/users/find-user.ts'

type Dialog = Conversation<BotContext, DialogContext>

const PRESETS = [5, 10, 25, 50]
const ANSWER_WITHIN_MINUTES = 5
const REASON_LENGTH = 200

/** Asks how many credits and why, then gives them. One message, edited in place. */
export async function giftDialog(conversation: Dialog, ctx: DialogContext, userId: string): Promise<void> {
  const name = await conversation.external((outer) => nameOf(outer, userId))
  const keyboard = new InlineKeyboard()
  for (const credits of PRESETS) keyboard.text(String(credits), `d1:${credits}`)
  keyboard.row().text(ctx.t('dialog-cancel'), 'd1:cancel')
  const question = await ctx.reply(ctx.t('gift-how-many', { name, within: ANSWER_WITHIN_MINUTES }), {
    reply_markup: keyboard,
  })
  const show = (text: string, reply_markup?: InlineKeyboard) =>
    conversation.external((outer) => showInstead(outer, question, text, reply_markup))

  const credits = await askCredits(conversation, question)
  if (credits === null) return show(ctx.t('dialog-cancelled'))
  await show(
    ctx.t('gift-why', { name, credits }),
    new InlineKeyboard().text(ctx.t('gift-no-reason'), 'd1:skip').text(ctx.t('dialog-cancel'), 'd1:cancel'),
  )
  const reason = await askReason(conversation, question)
  if (reason === null) return show(ctx.t('dialog-cancelled'))
  const outcome = await conversation.external(async (outer) => {
    const actor = await actorFor(outer, 'admin')
    if (!actor) return { status: 'forbidden' as const }
    const ref = `gift:${question.chat.id}:${question.message_id}`
    return giveGift(outer.services.database.prisma, { userId: BigInt(userId), credits, reason, ref, actor })
  })
  await show(ctx.t(outcome.status === 'forbidden' ? 'team-not-allowed' : 'gift-given', { name, credits }))
}

async function nameOf(ctx: BotContext, userId: string): Promise<string> {
  const user = await findUser(ctx.services.database.prisma, { userId: BigInt(userId) })
  return user ? displayName({ ...user, lastName: null }) : userId
}

/** Puts a text in the question's place; somebody who deleted the question gets it as a message of its own. */
async function showInstead(
  ctx: BotContext,
  question: Message,
  text: string,
  reply_markup?: InlineKeyboard,
): Promise<void> {
  try {
    await ctx.api.editMessageText(question.chat.id, question.message_id, text, { reply_markup })
  } catch (error) {
    const failure = classifyTelegramError(error)?.kind
    if (failure === 'not-modified') return
    if (failure !== 'message-gone') throw error
    await ctx.reply(text, { reply_markup })
  }
}

/** A preset button or a typed number; null when cancelled. */
async function askCredits(conversation: Dialog, question: Message): Promise<number | null> {
  for (;;) {
    const { pressed, typed, ctx } = await nextAnswer(conversation, question)
    if (pressed === 'cancel') return null
    const credits = Number(pressed ?? typed)
    if (Number.isInteger(credits) && credits >= 1 && credits <= MAX_GIFT_CREDITS) return credits
    await ctx.reply(ctx.t('gift-not-a-number', { most: MAX_GIFT_CREDITS }))
  }
}

/** A typed reason or none; null when cancelled. */
async function askReason(conversation: Dialog, question: Message): Promise<string | null> {
  for (;;) {
    const { pressed, typed } = await nextAnswer(conversation, question)
    if (pressed === 'cancel') return null
    if (pressed === 'skip') return 'Gift from the team'
    // A second tap on the number that is chosen already says nothing about why.
    if (pressed === null) return shortText(typed, REASON_LENGTH)
  }
}

/** What was tapped on the question or typed next. Taps on other messages are not for this dialog. */
async function nextAnswer(
  conversation: Dialog,
  question: Message,
): Promise<{ pressed: string | null; typed: string; ctx: DialogContext }> {
  const ctx = await conversation.waitUntil((next) => isAnswer(next, question), {
    maxMilliseconds: ANSWER_WITHIN_MINUTES * 60_000,
    next: true,
  })
  const data = ctx.callbackQuery?.data
  if (data === undefined) return { pressed: null, typed: ctx.msg?.text?.trim() ?? '', ctx }
  await ctx.answerCallbackQuery()
  return { pressed: data.slice('d1:'.length), typed: '', ctx }
}

/** Notes and commands stay what they are also while a question is open. */
function isAnswer(ctx: DialogContext, question: Message): boolean {
  const { callbackQuery } = ctx
  if (callbackQuery) {
    return callbackQuery.message?.message_id === question.message_id && callbackQuery.data?.startsWith('d1:') === true
  }
  return ctx.message?.text !== undefined && !ctx.message.text.startsWith('/')
}
