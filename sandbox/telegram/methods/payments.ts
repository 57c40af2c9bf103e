import { randomInt } from 'node:crypto'
import { badRequest, Refusal } from '../refusal.ts'
import { type Params, textOf } from '../schema/read-params.ts'
import { countCharacters } from '../text/formatted-text.ts'
import type { WireMessage } from '../wire.ts'
import { getPerson, getWorldChat } from '../world/chats.ts'
import { addServiceMessage } from '../world/messages.ts'
import { balanceOf, starPeriodSeconds } from '../world/star-books.ts'
import { findSubscription, partnerOf } from '../world/stars.ts'
import type { World } from '../world/world.ts'
import type { Call } from './call.ts'
import { readMarkup } from './keyboards.ts'
import { deliverWith, findPlace } from './send.ts'
import { takeShare } from './targets.ts'

const maxAmount = 100_000
const maxSubscriptionAmount = 10_000

/** What makes sense with a payment provider only. */
const providerOnly = [
  'max_tip_amount',
  'suggested_tip_amounts',
  'need_name',
  'need_phone_number',
  'need_email',
  'need_shipping_address',
  'send_phone_number_to_provider',
  'send_email_to_provider',
  'is_flexible',
]

/** Stars only: other currencies need a payment provider, which the stand-in does not play. */
export function sendInvoice(world: World, call: Call): WireMessage {
  const { params } = call
  const place = findPlace(world, params)
  const { title, description, payload, amount } = readInvoice(params)
  const given = readMarkup(params['reply_markup'])
  if (given.inline && given.inline.inline_keyboard[0]?.[0]?.['pay'] !== true) throw badRequest('REPLY_MARKUP_BUY_EMPTY')
  const inline = given.inline ?? { inline_keyboard: [[{ text: `Pay ⭐${amount}`, pay: true }]] }
  takeShare(world, place.chat, params)
  const invoice = {
    title,
    description,
    start_parameter: textOf(params, 'start_parameter'),
    currency: 'XTR',
    total_amount: amount,
  }
  const message = deliverWith(world, place, params, { content: { invoice } }, { inline, reply: undefined })
  const key = `${message.chat.id}:${message.id}`
  world.stars.invoices.set(key, { title, payload, amount, periodSeconds: null, paidBy: [] })
  return message.wire
}

export function createInvoiceLink(world: World, call: Call): string {
  const { title, payload, amount } = readInvoice(call.params)
  const { subscription_period: period } = call.params
  if (period !== undefined && period !== starPeriodSeconds) throw badRequest('SUBSCRIPTION_PERIOD_INVALID')
  if (period !== undefined && amount > maxSubscriptionAmount) throw badRequest('SUBSCRIPTION_AMOUNT_INVALID')
  const link = `https://t.me/$${randomInt(2 ** 47).toString(36)}${randomInt(2 ** 47).toString(36)}`
  const periodSeconds = period === undefined ? null : starPeriodSeconds
  world.stars.invoices.set(link, { title, payload, amount, periodSeconds, paidBy: [] })
  return link
}

function readInvoice(params: Params): { title: string; description: string; payload: string; amount: number } {
  const { title, description, payload, currency, provider_token: providerToken } = params
  if (currency !== 'XTR') throw new Refusal(501, 'stand-in: invoices are played in XTR only')
  if (typeof providerToken === 'string' && providerToken !== '') throw badRequest('PAYMENT_PROVIDER_INVALID')
  if (typeof title !== 'string' || title === '' || countCharacters(title) > 32)
    throw badRequest('INVOICE_TITLE_INVALID')
  if (typeof description !== 'string' || description === '' || countCharacters(description) > 255) {
    throw badRequest('INVOICE_DESCRIPTION_INVALID')
  }
  if (typeof payload !== 'string' || Buffer.byteLength(payload) < 1 || Buffer.byteLength(payload) > 128) {
    throw badRequest('INVOICE_PAYLOAD_INVALID')
  }
  return { title, description, payload, amount: readAmount(params) }
}

function readAmount(params: Params): number {
  const { prices } = params
  const isProvided = (key: string) => params[key] !== undefined && params[key] !== false && params[key] !== 0
  if (!Array.isArray(prices) || prices.length !== 1 || providerOnly.some(isProvided)) {
    throw badRequest('STARS_INVOICE_INVALID')
  }
  const { label, amount } = prices[0] as { label?: unknown; amount?: unknown }
  if (typeof label !== 'string') throw badRequest('can\'t parse LabeledPrice: Can\'t find field "label"')
  if (typeof amount !== 'number' || !Number.isInteger(amount) || amount < 1 || amount > maxAmount) {
    throw badRequest('CURRENCY_TOTAL_AMOUNT_INVALID')
  }
  return amount
}

export function refundStarPayment(world: World, call: Call): true {
  const { user_id: userId, telegram_payment_charge_id: chargeId } = call.params
  if (chargeId === '') throw badRequest('CHARGE_ID_EMPTY')
  const payment = typeof chargeId === 'string' ? world.stars.payments.get(chargeId) : undefined
  if (!payment || payment.userId !== userId) throw badRequest('CHARGE_NOT_FOUND')
  if (payment.refunded) throw badRequest('CHARGE_ALREADY_REFUNDED')
  if (balanceOf(world.stars) < payment.amount) throw badRequest('BALANCE_TOO_LOW')
  payment.refunded = true
  const { amount, payload } = payment
  const { user } = getPerson(world, payment.userId)
  const receiver = partnerOf(user, payload, null)
  world.stars.transactions.push({ id: payment.chargeId, amount, date: world.nowSeconds(), receiver })
  const refunded = {
    currency: 'XTR',
    total_amount: amount,
    invoice_payload: payload,
    telegram_payment_charge_id: payment.chargeId,
  }
  addServiceMessage(world, getWorldChat(world, payment.userId), 'refunded_payment', refunded, { user: world.bot })
  return true
}

/** Only the bot's own veto is in its hands: what the person cancelled stays cancelled. */
export function editUserStarSubscription(world: World, call: Call): true {
  const { user_id: userId, telegram_payment_charge_id: chargeId, is_canceled: isCanceled } = call.params
  const subscription = findSubscription(world.stars, String(chargeId))
  if (!subscription || subscription.userId !== userId) throw badRequest('CHARGE_ID_INVALID')
  const { state, until } = subscription
  if (state === 'ended' || state === 'failed' || until <= world.nowSeconds())
    throw badRequest('SUBSCRIPTION_NOT_ACTIVE')
  if (isCanceled === true) subscription.state = 'canceled-by-bot'
  else if (state === 'canceled-by-bot') subscription.state = 'canceled'
  return true
}

/** Oldest first. */
export function getStarTransactions(world: World, call: Call): { transactions: unknown[] } {
  const { offset = 0, limit = 100 } = call.params as { offset?: number; limit?: number }
  if (offset < 0) throw badRequest('OFFSET_INVALID')
  const count = Math.min(100, Math.max(1, limit))
  return { transactions: world.stars.transactions.slice(offset, offset + count) }
}

export function getMyStarBalance(world: World): { amount: number } {
  return { amount: balanceOf(world.stars) }
}
