import { InlineKeyboard } from 'grammy'
import type { InlineKeyboardButton } from 'grammy/types'
import type { BotContext } from '#bot/context.ts'
import { starPrice } from '#bot/payments/product-keyboard.ts'
import { starsPayload } from '#core/payments/stars/stars-payload.ts'
import { STARS_MONTH_SECONDS } from '#core/rails/stars/stars-rail.ts'
import type { Order } from '#prisma'

/** What the button that asks for an invoice sends; anybody can send anything, so the order is looked up again. */
export const INVOICE_DATA = /^s1:([0-9a-f-]{36})$/

/** Telegram's bounds: https://core.telegram.org/bots/api#sendinvoice */
const LONGEST_TITLE = 32
const LONGEST_DESCRIPTION = 255

/** The way to pay an order in Stars: a subscription by its own link, anything else by an invoice in the chat. */
export async function starsButton(ctx: BotContext, order: Order, stars: number): Promise<InlineKeyboardButton> {
  if (order.kind !== 'subscription') return InlineKeyboard.text(ctx.t('stars-button', { stars }), `s1:${order.id}`)
  const { title, description, payload, prices } = invoiceOf(ctx, order, stars)
  const link = await ctx.api.createInvoiceLink(title, description, payload, '', 'XTR', prices, {
    subscription_period: STARS_MONTH_SECONDS,
  })
  return InlineKeyboard.url(ctx.t('stars-monthly-button', { stars }), link)
}

/** Sends the invoice of an order into the chat. The order must have a price in Stars. */
export async function sendStarsInvoice(ctx: BotContext, order: Order): Promise<void> {
  const { priceStars } = order
  if (priceStars === null) throw new Error(`Order ${order.id} has no price in Stars`)
  const { title, description, payload, prices } = invoiceOf(ctx, order, priceStars)
  const keyboard = new InlineKeyboard().pay(ctx.t('stars-pay-button', { price: starPrice(priceStars) }))
  await ctx.replyWithInvoice(title, description, payload, 'XTR', prices, { provider_token: '', reply_markup: keyboard })
}

function invoiceOf(ctx: BotContext, order: Order, amount: number) {
  const { id, label, bonus, description } = order
  return {
    title: cut(label, LONGEST_TITLE),
    description: cut(description || ctx.t('stars-invoice', { label, bonus }), LONGEST_DESCRIPTION),
    payload: starsPayload(id),
    prices: [{ label: cut(label, LONGEST_TITLE), amount }],
  }
}

function cut(text: string, most: number): string {
  const characters = Array.from(text)
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : text
}
