import { badRequest, Refusal } from '../refusal.ts'
import { type Params, textOf } from '../schema/read-params.ts'
import { countCharacters } from '../text/formatted-text.ts'
import type { WireMessage } from '../wire.ts'
import { getWorldChat } from '../world/chats.ts'
import { addServiceMessage } from '../world/messages.ts'
import type { World } from '../world/world.ts'
import type { Call } from './call.ts'
import { readMarkup } from './keyboards.ts'
import { deliverWith, findPlace } from './send.ts'
import { takeShare } from './targets.ts'

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
  world.invoices.set(`${message.chat.id}:${message.id}`, { payload, amount })
  return message.wire
}

function readInvoice(params: Params): { title: string; description: string; payload: string; amount: number } {
  const { title, description, payload, currency, prices, provider_token: providerToken } = params
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
  if (!Array.isArray(prices) || prices.length !== 1) throw badRequest('STARS_INVOICE_INVALID')
  const amount = (prices[0] as { amount?: unknown }).amount
  if (typeof amount !== 'number' || !Number.isInteger(amount) || amount < 1)
    throw badRequest('CURRENCY_TOTAL_AMOUNT_INVALID')
  return { title, description, payload, amount }
}

export function refundStarPayment(world: World, call: Call): true {
  const { user_id: userId, telegram_payment_charge_id: chargeId } = call.params
  const payment = typeof chargeId === 'string' ? world.payments.get(chargeId) : undefined
  if (!payment || payment.userId !== userId) throw badRequest('CHARGE_NOT_FOUND')
  if (payment.refunded) throw badRequest('CHARGE_ALREADY_REFUNDED')
  payment.refunded = true
  const chat = getWorldChat(world, payment.userId)
  const refunded = {
    currency: 'XTR',
    total_amount: payment.amount,
    invoice_payload: payment.payload,
    telegram_payment_charge_id: payment.chargeId,
  }
  addServiceMessage(world, chat, 'refunded_payment', refunded, { user: world.bot })
  return true
}

export function getStarTransactions(world: World, call: Call): { transactions: unknown[] } {
  const offset = Number(call.params['offset'] ?? 0)
  const limit = Number(call.params['limit'] ?? 100)
  const all = [...world.payments.values()].flatMap((payment) => {
    const partner = { type: 'user', transaction_type: 'invoice_payment', user: world.people.get(payment.userId)?.user }
    const date = Math.floor(payment.at / 1000)
    const base = { id: payment.chargeId, amount: payment.amount, date }
    const paid = { ...base, source: { ...partner, invoice_payload: payment.payload } }
    return payment.refunded ? [paid, { ...base, receiver: { ...partner, invoice_payload: payment.payload } }] : [paid]
  })
  return { transactions: all.slice(offset, offset + limit) }
}

export function getMyStarBalance(world: World): { amount: number } {
  let amount = 0
  for (const payment of world.payments.values()) if (!payment.refunded) amount += payment.amount
  return { amount }
}
