import { Composer, InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { profileOf } from '#bot/features/profile.ts'
import { showSubscriptions } from '#bot/features/subscription.ts'
import {
  CLOSE_SHOP,
  OPEN_SHOP,
  OPEN_SUBSCRIPTIONS,
  PRODUCT_DATA,
  priceOf,
  productKeyboard,
  starPrice,
} from '#bot/payments/product-keyboard.ts'
import { showInPlace } from '#bot/payments/show-in-place.ts'
import { sendStarsInvoice, starsButton } from '#bot/payments/stars-invoice.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'
import { assertNever } from '#core/assert-never.ts'
import { checkoutLinks } from '#core/payments/checkout/checkout-links.ts'
import { ORDER_VALID_DAYS, placeOrder } from '#core/payments/checkout/place-order.ts'
import { listProductsOnOffer, listQuickBuyProducts } from '#core/products/find-products.ts'
import { waysToPay } from '#core/products/ways-to-pay.ts'
import { registerUser } from '#core/users/register-user.ts'
import type { Order, Product } from '#prisma'

/** Lets a user choose a product and hands out the pay link. */
export const buy = new Composer<BotContext>()

const privateChat = buy.chatType('private')

privateChat.command('buy', (ctx) => showProducts(ctx, 'buy-list'))

// Any number, whether or not it was ever registered as a command.
privateChat.hears(/^\/buy(\d{1,9})(?:@\w+)?(?:\s|$)/i, async (ctx) => {
  const { database, settings } = ctx.services
  const products = await listQuickBuyProducts(database.prisma, { rails: settings.current.rails })
  const product = products.find(({ quickBuy }) => quickBuy === Number(ctx.match[1]))
  if (product) return order(ctx, product.id)
  if (products.length === 0) return showProducts(ctx, 'buy-list')
  const commands = products.map(({ quickBuy }) => `/buy${quickBuy}`).join(' ')
  await ctx.reply(ctx.t('buy-unknown-number', { commands }), { reply_markup: await buyKeyboard(ctx) })
})

privateChat.callbackQuery(OPEN_SHOP, async (ctx) => {
  await ctx.answerCallbackQuery()
  await showProducts(ctx, 'buy-list')
})

privateChat.callbackQuery(OPEN_SUBSCRIPTIONS, async (ctx) => {
  await ctx.answerCallbackQuery()
  const renewing = (await productsOnOffer(ctx)).filter(({ kind }) => kind === 'subscription')
  if (renewing.length === 0) return showProducts(ctx, 'buy-stale')
  const keyboard = productKeyboard(ctx.t, renewing, ctx.services.settings.current.rails)
  await showInPlace(ctx, ctx.t('buy-subscriptions'), closable(ctx, keyboard))
})

privateChat.callbackQuery(CLOSE_SHOP, async (ctx) => {
  await ctx.answerCallbackQuery()
  try {
    await ctx.deleteMessage()
  } catch (error) {
    const kind = classifyTelegramError(error)?.kind
    if (kind === 'message-gone') return
    if (kind !== 'bad-request') throw error
    // Nobody deletes a message older than two days.
    await showInPlace(ctx, ctx.t('buy-closed'), new InlineKeyboard())
  }
})

privateChat.callbackQuery(PRODUCT_DATA, async (ctx) => {
  await ctx.answerCallbackQuery()
  await order(ctx, Number(ctx.match[1]))
})

/** The buttons with what can be bought, for any message that ends in "you need more". */
export async function buyKeyboard(ctx: BotContext): Promise<InlineKeyboard> {
  return productKeyboard(ctx.t, await productsOnOffer(ctx), ctx.services.settings.current.rails)
}

function productsOnOffer(ctx: BotContext): Promise<Product[]> {
  const { database, settings } = ctx.services
  return listProductsOnOffer(database.prisma, { rails: settings.current.rails })
}

async function showProducts(ctx: BotContext, text: 'buy-list' | 'buy-stale'): Promise<void> {
  const keyboard = await buyKeyboard(ctx)
  if (keyboard.inline_keyboard.length === 0) return showInPlace(ctx, ctx.t('buy-nothing'), keyboard)
  const costs = ctx.t('message-costs', ctx.services.settings.current.messageCosts)
  await showInPlace(ctx, `${ctx.t(text)}\n\n${costs}`, closable(ctx, keyboard))
}

const closable = (ctx: BotContext, keyboard: InlineKeyboard) =>
  keyboard.row().text(ctx.t('buy-close-button'), CLOSE_SHOP)

async function order(ctx: BotContext & { from: NonNullable<BotContext['from']> }, productId: number): Promise<void> {
  const { config, database, now } = ctx.services
  const profile = profileOf(ctx.from)
  await registerUser(database.prisma, profile)
  const outcome = await placeOrder(database.prisma, { userId: profile.id, productId, now: now() })
  switch (outcome.status) {
    case 'placed':
      return showOrder(ctx, outcome.order, checkoutLinks(config.publicUrl, outcome.order.token).pay)
    case 'unavailable':
      return showProducts(ctx, 'buy-stale')
    case 'subscribed':
      return showSubscriptions(ctx)
    case 'owned':
      await ctx.reply(ctx.t('unlock-owned'))
      return
    case 'banned':
      await ctx.reply(ctx.t('buy-banned'))
      return
    default:
      return assertNever(outcome)
  }
}

/** One button for each open way to pay; an invoice at once where Stars are the only one. */
async function showOrder(ctx: BotContext, order: Order, payLink: string): Promise<void> {
  const { rails } = ctx.services.settings.current
  const { label, bonus, priceStars } = order
  const ways = waysToPay(order, rails)
  const byStars = ways.includes('stars') && priceStars !== null
  const renews = order.kind === 'subscription'
  if (byStars && ways.length === 1 && !renews) return sendStarsInvoice(ctx, order)
  const price = priceOf(order, rails)
  const keyboard = new InlineKeyboard()
  const payText = renews ? 'buy-subscribe-button' : 'buy-pay-button'
  if (ways.includes('stripe')) keyboard.url(ctx.t(payText, { price }), payLink).row()
  if (byStars) keyboard.add(await starsButton(ctx, order, priceStars)).row()
  keyboard.text(ctx.t('buy-back-button'), OPEN_SHOP)
  const prices = byStars && ways.length > 1 ? ctx.t('stars-or-money', { price, stars: starPrice(priceStars) }) : price
  const text = renews ? 'buy-order-monthly' : 'buy-order'
  await showInPlace(ctx, ctx.t(text, { label, bonus, price: prices, days: ORDER_VALID_DAYS }), keyboard)
}
