import { Composer, InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { buyKeyboard } from '#bot/features/buy.ts'
import { profileOf } from '#bot/features/profile.ts'
import {
  previewTrouble,
  renderTeaser,
  SEND_AGAIN,
  sendTeaserTo,
  teaserKeyboard,
  UNLOCK_FOR_CREDITS,
  UNLOCK_FOR_MONEY,
} from '#bot/features/unlock-teaser.ts'
import { priceOf } from '#bot/payments/product-keyboard.ts'
import { sendStarsInvoice, starsButton } from '#bot/payments/stars-invoice.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'
import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { assertNever } from '#core/assert-never.ts'
import { findContent, ownsContent, type WholeContent } from '#core/content/find-content.ts'
import { resendContent } from '#core/content/resend-content.ts'
import { unlockForCredits } from '#core/content/unlock-for-credits.ts'
import { checkoutLinks } from '#core/payments/checkout/checkout-links.ts'
import { ORDER_VALID_DAYS, placeOrder } from '#core/payments/checkout/place-order.ts'
import { waysToPay } from '#core/products/ways-to-pay.ts'
import { registerUser } from '#core/users/register-user.ts'
import type { Order } from '#prisma'

/** Lets a user unlock content, and get again what is theirs. */
export const unlock = new Composer<BotContext>()

const privateChat = unlock.chatType('private')

/** A link that leads to one content: t.me/<bot>?start=c_<id> */
const CONTENT_LINK = /^c_(\d{1,9})$/

privateChat.command('start', async (ctx, next) => {
  const contentId = Number(CONTENT_LINK.exec(ctx.match)?.[1] ?? 0)
  const { prisma } = ctx.services.database
  const content = contentId > 0 ? await findContent(prisma, { contentId }) : null
  if (!content) return next()
  const userId = BigInt(ctx.from.id)
  await registerUser(prisma, { ...profileOf(ctx.from), source: ctx.match.slice(0, 64) })
  const { rails } = ctx.services.settings.current
  const owned = await ownsContent(prisma, { contentId, userId })
  const teaser = renderTeaser(ctx.t, content, { owned, rails })
  const { previewGone } = await sendTeaserTo(ctx.api, ctx.chat.id, teaser)
  if (previewGone) await raiseAlert(prisma, previewTrouble(content))
})

privateChat.callbackQuery(UNLOCK_FOR_CREDITS, async (ctx) => {
  const [contentId, cost] = numbersIn(ctx.match)
  const { database, now } = ctx.services
  const profile = profileOf(ctx.from)
  await registerUser(database.prisma, profile)
  const outcome = await unlockForCredits(database.prisma, { contentId, cost, userId: profile.id, now: now() })
  switch (outcome.status) {
    case 'unlocked':
      return showState(ctx, contentId, 'unlock-done')
    case 'owned':
      return showState(ctx, contentId, 'unlock-owned')
    case 'price_changed':
      return showState(ctx, contentId, 'unlock-price-changed')
    case 'unavailable':
      return showState(ctx, contentId, 'unlock-unavailable')
    case 'insufficient': {
      await ctx.answerCallbackQuery()
      const { title, credits } = outcome
      await ctx.reply(ctx.t('unlock-insufficient', { title, cost, credits }), { reply_markup: await buyKeyboard(ctx) })
      return
    }
    case 'banned':
      return banned(ctx)
    default:
      return assertNever(outcome)
  }
})

privateChat.callbackQuery(UNLOCK_FOR_MONEY, async (ctx) => {
  const [contentId, priceMinor] = numbersIn(ctx.match)
  const { database, now } = ctx.services
  const content = await findContent(database.prisma, { contentId })
  const product = content?.active ? content.product : null
  if (!product) return showState(ctx, contentId, 'unlock-unavailable')
  if (product.priceMinor !== priceMinor) return showState(ctx, contentId, 'unlock-price-changed')
  const profile = profileOf(ctx.from)
  await registerUser(database.prisma, profile)
  const outcome = await placeOrder(database.prisma, { userId: profile.id, productId: product.id, now: now() })
  switch (outcome.status) {
    case 'placed':
      await ctx.answerCallbackQuery()
      return showWaysToPay(ctx, outcome.order)
    case 'owned':
      return showState(ctx, contentId, 'unlock-owned')
    case 'unavailable':
    case 'subscribed':
      return showState(ctx, contentId, 'unlock-unavailable')
    case 'banned':
      return banned(ctx)
    default:
      return assertNever(outcome)
  }
})

privateChat.callbackQuery(SEND_AGAIN, async (ctx) => {
  const [contentId] = numbersIn(ctx.match)
  const { prisma } = ctx.services.database
  const profile = profileOf(ctx.from)
  // Whoever presses a button takes messages again, whatever was noted when the last one failed.
  await registerUser(prisma, profile)
  const { status } = await resendContent(prisma, { contentId, userId: profile.id })
  await ctx.answerCallbackQuery({ text: ctx.t(status === 'not_owned' ? 'unlock-not-owned' : 'unlock-sent-again') })
})

function numbersIn(match: string | RegExpMatchArray): [number, number] {
  return [Number(match[1] ?? 0), Number(match[2] ?? 0)]
}

type Said = 'unlock-done' | 'unlock-owned' | 'unlock-price-changed' | 'unlock-unavailable'

/** Says what came of a tap, and brings the teaser's buttons up to date. */
async function showState(ctx: BotContext, contentId: number, text: Said): Promise<void> {
  await ctx.answerCallbackQuery({ text: ctx.t(text), show_alert: text !== 'unlock-done' })
  const { prisma } = ctx.services.database
  const content = await findContent(prisma, { contentId })
  if (content) await showButtons(ctx, content)
}

async function showButtons(ctx: BotContext, content: WholeContent): Promise<void> {
  const userId = BigInt(ctx.from?.id ?? 0)
  const { database, settings } = ctx.services
  const owned = await ownsContent(database.prisma, { contentId: content.id, userId })
  const keyboard = teaserKeyboard(ctx.t, content, { owned, rails: settings.current.rails })
  try {
    await ctx.editMessageReplyMarkup({ reply_markup: keyboard })
  } catch (error) {
    // Somebody pressed twice, or deleted the teaser: what was said counts.
    const kind = classifyTelegramError(error)?.kind
    if (kind !== 'not-modified' && kind !== 'message-gone' && kind !== 'bad-request') throw error
  }
}

/** A message of its own: the teaser may be a picture, and stays for the other way to pay. */
async function showWaysToPay(ctx: BotContext, order: Order): Promise<void> {
  const { config, settings } = ctx.services
  const { rails } = settings.current
  const { token, label, priceStars } = order
  const ways = waysToPay(order, rails)
  const price = priceOf(order, rails)
  const keyboard = new InlineKeyboard()
  if (ways.includes('stripe')) {
    keyboard.url(ctx.t('buy-pay-button', { price }), checkoutLinks(config.publicUrl, token).pay).row()
  }
  if (ways.includes('stars') && priceStars !== null) {
    if (ways.length === 1) return sendStarsInvoice(ctx, order)
    keyboard.add(await starsButton(ctx, order, priceStars))
  }
  await ctx.reply(ctx.t('unlock-order', { title: label, price, days: ORDER_VALID_DAYS }), {
    reply_markup: keyboard,
    link_preview_options: { is_disabled: true },
  })
}

async function banned(ctx: BotContext): Promise<void> {
  await ctx.answerCallbackQuery({ text: ctx.t('buy-banned'), show_alert: true })
}
