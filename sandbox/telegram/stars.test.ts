import { Api } from 'grammy'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { InvoiceRef } from './control-types-stars.ts'
import { refusalOf, startPlay, testToken } from './test-play.ts'

let play: Awaited<ReturnType<typeof startPlay>>
let api: Api
let userId: number

beforeEach(async () => {
  play = await startPlay()
  api = new Api(testToken, { apiRoot: play.url })
  userId = play.world.createUser({ firstName: 'Bob' }).id
})
afterEach(() => play.standIn.close())

const month = 2_592_000
const price = (amount: number) => [{ label: 'Price', amount }]

async function sendInvoice(amount = 50): Promise<InvoiceRef> {
  const sent = await api.sendInvoice(userId, '10 credits', 'Ten', 'order-1', 'XTR', price(amount), {
    provider_token: '',
  })
  return { chatId: userId, messageId: sent.message_id }
}

const subscriptionLink = (amount = 9) =>
  api.createInvoiceLink('Monthly', 'Each month', 'order-2', '', 'XTR', price(amount), { subscription_period: month })

/** Taps Pay; the bot agrees. Returns the charge. */
async function pay(invoice: InvoiceRef): Promise<string> {
  const paying = play.world.payInvoice({ userId, ...invoice })
  const [asked] = await api.getUpdates({ offset: -1 })
  await api.answerPreCheckoutQuery(asked?.pre_checkout_query?.id ?? '', true)
  const outcome = await paying
  if (outcome.status !== 'paid') throw new Error(outcome.status)
  return outcome.chargeId
}

const lastUpdate = async () => (await api.getUpdates({ offset: -1 }))[0]

describe('an invoice', () => {
  test('is paid once the bot has agreed, and the bot is told with the charge', async () => {
    const paying = play.world.payInvoice({ userId, ...(await sendInvoice()) })
    const [asked] = await api.getUpdates({ timeout: 5 })
    expect(asked?.pre_checkout_query).toMatchObject({ currency: 'XTR', total_amount: 50, invoice_payload: 'order-1' })
    await api.answerPreCheckoutQuery(asked?.pre_checkout_query?.id ?? '', true)
    const paid = await paying
    expect((await lastUpdate())?.message?.successful_payment).toEqual({
      currency: 'XTR',
      total_amount: 50,
      invoice_payload: 'order-1',
      telegram_payment_charge_id: paid.status === 'paid' ? paid.chargeId : '',
      provider_payment_charge_id: '',
    })
    expect(await api.getMyStarBalance()).toEqual({ amount: 50 })
  })

  test('that the bot declines costs nothing, and the person reads why', async () => {
    const paying = play.world.payInvoice({ userId, ...(await sendInvoice()) })
    const asked = await lastUpdate()
    await api.answerPreCheckoutQuery(asked?.pre_checkout_query?.id ?? '', false, { error_message: 'Sold out' })
    expect(await paying).toEqual({ status: 'declined', reason: 'Sold out' })
    expect(await api.getMyStarBalance()).toEqual({ amount: 0 })
  })

  test('that nobody answers for within 10 seconds fails, and an answer after that is refused', async () => {
    const paying = play.world.payInvoice({ userId, ...(await sendInvoice()) })
    const asked = await lastUpdate()
    play.world.advanceClock({ ms: 10_001 })
    expect(await paying).toEqual({ status: 'timed-out' })
    const late = api.answerPreCheckoutQuery(asked?.pre_checkout_query?.id ?? '', true)
    expect(await refusalOf(late)).toMatch(/^400 Bad Request: query is too old/)
    expect(await api.getStarTransactions()).toEqual({ transactions: [] })
  })

  test('in a message is paid once by a person, and shows it', async () => {
    const invoice = await sendInvoice()
    await pay(invoice)
    expect(await play.world.payInvoice({ userId, ...invoice })).toEqual({ status: 'already-paid' })
    expect(play.world.listMessages({ chatId: userId })[0]).toMatchObject({ paid: true })
  })

  test('behind a link is paid as often as people like', async () => {
    const link = await api.createInvoiceLink('Tip', 'Thanks', 'tip', '', 'XTR', price(5))
    expect(link).toMatch(/^https:\/\/t\.me\/\$\w+$/)
    expect(await pay({ link })).not.toBe(await pay({ link }))
  })

  test('that is not plainly one price in Stars is refused', async () => {
    const send = (prices: { label: string; amount: number }[], more = {}) =>
      refusalOf(api.sendInvoice(userId, 't', 'd', 'p', 'XTR', prices, more))
    expect(await send([...price(1), ...price(2)])).toBe('400 Bad Request: STARS_INVOICE_INVALID')
    expect(await send(price(1), { need_email: true })).toBe('400 Bad Request: STARS_INVOICE_INVALID')
    expect(await send(price(0))).toBe('400 Bad Request: CURRENCY_TOTAL_AMOUNT_INVALID')
    expect(await send(price(100_001))).toBe('400 Bad Request: CURRENCY_TOTAL_AMOUNT_INVALID')
    expect(await send(price(1), { provider_token: 'x' })).toBe('400 Bad Request: PAYMENT_PROVIDER_INVALID')
    const long = api.sendInvoice(userId, 't', 'd', 'é'.repeat(65), 'XTR', price(1))
    expect(await refusalOf(long)).toBe('400 Bad Request: INVOICE_PAYLOAD_INVALID')
  })
})

describe('a refund', () => {
  test('gives the Stars back once and tells the chat', async () => {
    const chargeId = await pay(await sendInvoice())
    await api.refundStarPayment(userId, chargeId)
    expect((await lastUpdate())?.message?.refunded_payment).toEqual({
      currency: 'XTR',
      total_amount: 50,
      invoice_payload: 'order-1',
      telegram_payment_charge_id: chargeId,
    })
    const again = api.refundStarPayment(userId, chargeId)
    expect(await refusalOf(again)).toBe('400 Bad Request: CHARGE_ALREADY_REFUNDED')
    expect(await api.getMyStarBalance()).toEqual({ amount: 0 })
    const { transactions } = await api.getStarTransactions()
    expect(transactions.map(({ id, source }) => [id, source !== undefined])).toEqual([
      [chargeId, true],
      [chargeId, false],
    ])
  })

  test('of a charge that is unknown, somebody else’s or no longer covered is refused', async () => {
    const chargeId = await pay(await sendInvoice())
    const other = play.world.createUser({}).id
    expect(await refusalOf(api.refundStarPayment(userId, 'nope'))).toBe('400 Bad Request: CHARGE_NOT_FOUND')
    expect(await refusalOf(api.refundStarPayment(other, chargeId))).toBe('400 Bad Request: CHARGE_NOT_FOUND')
    play.world.withdrawStars({ amount: 1 })
    expect(await refusalOf(api.refundStarPayment(userId, chargeId))).toBe('400 Bad Request: BALANCE_TOO_LOW')
  })
})

describe('a subscription', () => {
  test('says when it ends, and renews by itself with a charge of its own', async () => {
    const first = await pay({ link: await subscriptionLink() })
    const begun = (await lastUpdate())?.message?.successful_payment
    expect(begun).toMatchObject({ is_recurring: true, is_first_recurring: true, invoice_payload: 'order-2' })
    play.world.advanceClock({ ms: (month + 1) * 1000 })
    const renewed = (await lastUpdate())?.message?.successful_payment
    expect(renewed).toMatchObject({ is_recurring: true, invoice_payload: 'order-2' })
    expect(renewed).not.toHaveProperty('is_first_recurring')
    expect(renewed?.telegram_payment_charge_id).not.toBe(first)
    expect(renewed?.subscription_expiration_date).toBe((begun?.subscription_expiration_date ?? 0) + month)
    expect(play.world.listStarSubscriptions({ userId })[0]?.chargeIds).toHaveLength(2)
  })

  test('that the bot or the person cancelled ends with the paid month', async () => {
    const byBot = await pay({ link: await subscriptionLink() })
    const byPerson = await pay({ link: await subscriptionLink() })
    await api.editUserStarSubscription(userId, byBot, true)
    play.world.changeStarSubscription({ chargeId: byPerson, change: 'cancel' })
    expect((await lastUpdate())?.subscription).toMatchObject({ state: 'canceled', invoice_payload: 'order-2' })
    expect(play.world.letStarMonthPass({ chargeId: byBot })).toEqual({ status: 'ended' })
    expect(play.world.letStarMonthPass({ chargeId: byPerson })).toEqual({ status: 'ended' })
    const late = api.editUserStarSubscription(userId, byBot, false)
    expect(await refusalOf(late)).toBe('400 Bad Request: SUBSCRIPTION_NOT_ACTIVE')
  })

  test('fails when the person has no Stars left, and the bot is told', async () => {
    const chargeId = await pay({ link: await subscriptionLink() })
    expect(play.world.letStarMonthPass({ chargeId, hasStars: false })).toEqual({ status: 'failed' })
    expect((await lastUpdate())?.subscription?.state).toBe('failed')
    expect(await api.getMyStarBalance()).toEqual({ amount: 9 })
  })

  test('lasts thirty days, costs ten thousand Stars at most and is had once at a time', async () => {
    const make = (period: number, amount: number) =>
      refusalOf(api.createInvoiceLink('t', 'd', 'p', '', 'XTR', price(amount), { subscription_period: period }))
    expect(await make(month * 3, 1)).toBe('400 Bad Request: SUBSCRIPTION_PERIOD_INVALID')
    expect(await make(month, 10_001)).toBe('400 Bad Request: SUBSCRIPTION_AMOUNT_INVALID')
    const link = await subscriptionLink()
    await pay({ link })
    expect(await play.world.payInvoice({ userId, link })).toEqual({ status: 'already-paid' })
  })
})
