import { Composer, InlineKeyboard } from 'grammy'
import type { Message } from 'grammy/types'
import type { BotContext } from '#bot/context.ts'
import { profileOf } from '#bot/features/profile.ts'
import { chatLink } from '#bot/telegram/chat-link.ts'
import { escapeHtml } from '#bot/telegram/escape-html.ts'
import { assertNever } from '#core/assert-never.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { findOwnPayment, listOwnPayments, type OwnPayment } from '#core/support/list-own-payments.ts'
import { openCase } from '#core/support/open-case.ts'
import { registerUser } from '#core/users/register-user.ts'

/** Help with a payment: choose one, answer the bot's question about it, and the team decides. */
export const paySupport = new Composer<BotContext>()

const privateChat = paySupport.chatType('private')

const PAYMENTS_SHOWN = 5
const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const CHOSEN = new RegExp(`^ps1:(${ID})$`)
/** The question links its payment, so that an answer to it says by itself what it is about. */
const ASKED_ABOUT = new RegExp(`\\?start=pay_(${ID})$`)
const PAYMENT_LINK = new RegExp(`^pay_${ID}$`)

privateChat.command('paysupport', async (ctx) => {
  const { prisma } = ctx.services.database
  const payments = await listOwnPayments(prisma, { userId: profileOf(ctx.from).id, limit: PAYMENTS_SHOWN })
  if (payments.length === 0) {
    await ctx.reply(ctx.t('support-no-payments'))
    return
  }
  const keyboard = new InlineKeyboard()
  for (const payment of payments)
    keyboard.text(ctx.t('support-payment-button', factsOf(payment)), `ps1:${payment.id}`).row()
  await ctx.reply(ctx.t('support-choose'), { reply_markup: keyboard })
})

privateChat.callbackQuery(CHOSEN, async (ctx) => {
  await ctx.answerCallbackQuery()
  await ask(ctx, ctx.match[1] ?? '')
})

/** Whoever taps the link in the question is asked again. */
privateChat
  .command('start')
  .filter((ctx) => PAYMENT_LINK.test(ctx.match))
  .use((ctx) => ask(ctx, ctx.match.slice('pay_'.length)))

async function ask(ctx: BotContext & { from: NonNullable<BotContext['from']> }, paymentId: string): Promise<void> {
  const { prisma } = ctx.services.database
  const payment = await findOwnPayment(prisma, { userId: profileOf(ctx.from).id, paymentId })
  if (!payment) {
    await ctx.reply(ctx.t('support-no-payments'))
    return
  }
  const { label, price } = factsOf(payment)
  const link = chatLink(ctx, `pay_${payment.id}`)
  const what = `<a href="${link}">${escapeHtml(`${label}, ${price}`)}</a>`
  await ctx.reply(ctx.t('support-ask', { what }), {
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
    reply_markup: { force_reply: true, input_field_placeholder: ctx.t('support-placeholder') },
  })
}

privateChat.on('message', async (ctx, next) => {
  const paymentId = paymentAnswered(ctx.message)
  if (paymentId === null) return next()
  const text = ctx.message.text ?? ctx.message.caption ?? ''
  if (text.trim() === '') {
    await ctx.reply(ctx.t('support-words'))
    return
  }
  const { config, database, rail, starsRail, now } = ctx.services
  // Whoever was forgotten and asks is known again, so that what they write can be forgotten, too.
  await registerUser(database.prisma, profileOf(ctx.from))
  const outcome = await openCase(
    database.prisma,
    { rail, starsRail },
    {
      userId: profileOf(ctx.from).id,
      paymentId,
      text,
      key: `msg:${config.botId}:${ctx.chat.id}:${ctx.message.message_id}`,
      now: now(),
    },
  )
  switch (outcome.status) {
    case 'opened':
    case 'duplicate':
      await ctx.reply(ctx.t('support-opened'))
      return
    case 'refunding':
      await ctx.reply(ctx.t('support-refunding'))
      return
    case 'open_already':
      await ctx.reply(ctx.t('support-open-already'))
      return
    case 'unknown_payment':
      await ctx.reply(ctx.t('support-no-payments'))
      return
    default:
      assertNever(outcome)
  }
})

function factsOf({ label, amountMinor, currency, paidAt }: OwnPayment) {
  return { label, price: formatMoney({ amountMinor, currency }), at: paidAt.getTime() }
}

/**
 * The payment that a message of a private chat is about, because it answers our question about it; null for every other
 * message. Such an answer is neither charged nor shown to the team as a message.
 */
export function paymentAnswered({ reply_to_message: question }: Message): string | null {
  if (!question?.from?.is_bot) return null
  for (const entity of question.entities ?? []) {
    const match = entity.type === 'text_link' ? ASKED_ABOUT.exec(entity.url) : null
    if (match?.[1]) return match[1]
  }
  return null
}
