import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTelegram, type Telegram } from '#bot/telegram/api.ts'
import { createStarsRail } from '#bot/telegram/stars-rail.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { placeOrder } from '#core/payments/checkout/place-order.ts'
import { reconcileStars, reconcileStarsRefunds } from '#core/payments/stars/reconcile-stars.ts'
import { refundStarsPayment, requestStarsRefund } from '#core/payments/stars/refund-stars-payment.ts'
import { settleStarsPayment } from '#core/payments/stars/settle-stars-payment.ts'
import { settleStarsRefund } from '#core/payments/stars/settle-stars-refund.ts'
import { starsPayload } from '#core/payments/stars/stars-payload.ts'
import type { StarsRail } from '#core/rails/stars/stars-rail.ts'
import { changeSetting } from '#core/settings/change-setting.ts'
import type { Order } from '#prisma'
import { startTelegram, type TelegramStandIn } from '#sandbox/telegram/server.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

const TOKEN = '7000000001:test'
const PRICE = 250
const ADMIN = { id: 42n, name: 'Ada', role: 'admin' as const }

let database: TestDatabase
let standIn: TelegramStandIn
let telegram: Telegram
let rail: StarsRail
beforeAll(async () => {
  ;[database, standIn] = await Promise.all([createTestDatabase(), startTelegram({ token: TOKEN, limits: 'off' })])
  const limits = { chatPerSecond: 1_000, groupPerMinute: 60_000, bulkPerSecond: 1_000 }
  telegram = createTelegram({ token: TOKEN, apiRoot: standIn.url, limits })
  rail = createStarsRail(telegram.apis.background)
  await database.prisma.teamMember.create({ data: ADMIN })
  await changeSetting(database.prisma, { key: 'rails', value: 'stars', updatedBy: 'test' })
})
afterAll(async () => {
  expect(await verifyLedger(database.pool)).toEqual([])
  expect(standIn.world.violations()).toEqual([])
  await telegram.close()
  await standIn.close()
  await database.close()
})

const now = () => new Date()
const calls = () => standIn.world.calls({ method: 'refundStarPayment' }).length
const accountOf = (userId: bigint) => database.prisma.account.findUniqueOrThrow({ where: { userId } })
const paymentOf = (chargeId: string) =>
  database.prisma.payment.findUniqueOrThrow({ where: { starsChargeId: chargeId } })
const lose = (method: string, times = 1) => standIn.world.addFault({ kind: 'drop-after-accept', method, times })

/** Somebody orders ten credits and pays with Stars; Telegram has the money, and we know nothing of it yet. */
async function payUnheard(): Promise<{ order: Order; chargeId: string; userId: bigint }> {
  const { id, first_name: firstName } = standIn.world.createUser({})
  const userId = BigInt(id)
  await database.prisma.user.create({ data: { id: userId, firstName, account: { create: {} } } })
  const product = await database.prisma.product.create({
    data: { kind: 'credits', label: 'Ten', amount: 10, bonus: 2, priceMinor: 500, priceStars: PRICE, currency: 'usd' },
  })
  const placed = await placeOrder(database.prisma, { userId, productId: product.id, now: now() })
  if (placed.status !== 'placed') throw new Error(placed.status)
  const { order } = placed
  const api = telegram.apis.user
  const invoice = await api.sendInvoice(id, 'Ten', 'Ten', starsPayload(order.id), 'XTR', [
    { label: 'x', amount: PRICE },
  ])
  const paying = standIn.world.payInvoice({ userId: id, chatId: id, messageId: invoice.message_id })
  const [asked] = await api.getUpdates({ offset: -1 })
  await api.answerPreCheckoutQuery(asked?.pre_checkout_query?.id ?? '', true)
  const paid = await paying
  if (paid.status !== 'paid') throw new Error(paid.status)
  return { order, chargeId: paid.chargeId, userId }
}

async function payAndGrant() {
  const paid = await payUnheard()
  const { order, chargeId, userId } = paid
  const payment = { chargeId, userId, amountStars: PRICE, currency: 'XTR', payload: starsPayload(order.id) }
  await settleStarsPayment(database.prisma, { payment: { ...payment, monthEndsAt: null }, now: now() })
  return { ...paid, paymentId: (await paymentOf(chargeId)).id }
}

const refund = (paymentId: string, actor = ADMIN) =>
  refundStarsPayment(database.prisma, rail, { paymentId, reason: 'asked for it', actor, now: now() })

/** Everything is back: the Stars once, the credits once, and nothing is open. */
async function expectGivenBack({ chargeId, userId }: { chargeId: string; userId: bigint }): Promise<void> {
  expect(await accountOf(userId)).toMatchObject({ paid: 0, bonus: 0, debt: 0 })
  const payment = await paymentOf(chargeId)
  expect(payment).toMatchObject({ refundedMinor: PRICE, reversedPaid: 10, reversedBonus: 2, reversals: 1 })
  expect(await database.prisma.refund.findMany({ where: { paymentId: payment.id } })).toMatchObject([
    { id: `stars:${chargeId}`, status: 'succeeded', amountMinor: PRICE, currency: 'xtr' },
  ])
  expect(await database.prisma.refundRequest.count({ where: { paymentId: payment.id, state: 'asked' } })).toBe(0)
  const { transactions } = await telegram.apis.user.getStarTransactions()
  expect(transactions.filter(({ id, receiver }) => id === chargeId && receiver)).toHaveLength(1)
}

describe('giving Stars back', () => {
  test('takes back what they brought, and says who did it', async () => {
    const paid = await payAndGrant()
    expect(await refund(paid.paymentId)).toEqual({ status: 'made' })
    await expectGivenBack(paid)
    expect(await refund(paid.paymentId)).toEqual({ status: 'nothing_left' })
    const refunds = await database.prisma.refund.findMany({ where: { paymentId: paid.paymentId } })
    expect(refunds).toMatchObject([{ actor: 'team:42', reason: 'asked for it' }])
    const audit = { action: 'payment.refund', target: `payment:${paid.paymentId}` }
    expect(await database.prisma.auditEntry.count({ where: audit })).toBe(1)
  })

  test('ten times at once gives them back once', async () => {
    const paid = await payAndGrant()
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => refund(paid.paymentId)))
    expect(outcomes.filter(({ status }) => status === 'made')).toHaveLength(1)
    await expectGivenBack(paid)
  })

  test('is known to have worked although the answer was lost, for Telegram’s list has it', async () => {
    const paid = await payAndGrant()
    lose('refundStarPayment')
    expect(await refund(paid.paymentId)).toEqual({ status: 'made' })
    await expectGivenBack(paid)
  })

  test('goes on later when Telegram could not be asked at all, and gives back once', async () => {
    const paid = await payAndGrant()
    lose('refundStarPayment')
    standIn.world.addFault({ kind: '500', method: 'getStarTransactions', times: 0 })
    expect(await refund(paid.paymentId)).toEqual({ status: 'unknown' })
    standIn.world.clearFaults()
    expect(await accountOf(paid.userId)).toMatchObject({ paid: 10 })
    expect(await reconcileStarsRefunds(database.prisma, rail, { now: now(), leftAloneSeconds: 0 })).toBe(1)
    await expectGivenBack(paid)
  })

  test('that we died on before asking is made by whoever comes next', async () => {
    const paid = await payAndGrant()
    const wish = { paymentId: paid.paymentId, reason: 'a case', actor: 'team:42' }
    expect((await database.prisma.$transaction((tx) => requestStarsRefund(tx, wish))).status).toBe('requested')
    const passes = Array.from({ length: 4 }, () =>
      reconcileStarsRefunds(database.prisma, rail, { now: now(), leftAloneSeconds: 0 }),
    )
    await Promise.all(passes)
    await expectGivenBack(paid)
  })

  test('that Telegram refuses is told to the team and takes nothing from the user', async () => {
    const paid = await payAndGrant()
    const { amount } = await telegram.apis.user.getMyStarBalance()
    standIn.world.withdrawStars({ amount })
    expect(await refund(paid.paymentId)).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('BALANCE'),
    })
    expect(await accountOf(paid.userId)).toMatchObject({ paid: 10, bonus: 2 })
    expect(await database.prisma.alert.findMany({ where: { title: { contains: 'was refused' } } })).toHaveLength(1)
    standIn.world.withdrawStars({ amount: -amount })
    expect(await refund(paid.paymentId)).toEqual({ status: 'made' })
  })

  test('takes an admin', async () => {
    const paid = await payAndGrant()
    const before = calls()
    const agent = { ...ADMIN, id: 43n }
    expect(await refund(paid.paymentId, agent)).toEqual({ status: 'forbidden' })
    expect(calls()).toBe(before)
  })

  test('of a payment that was kept apart ends its alert', async () => {
    const { order, chargeId, userId } = await payUnheard()
    const payment = { chargeId, userId, amountStars: PRICE, currency: 'XTR', payload: 'none', monthEndsAt: null }
    await settleStarsPayment(database.prisma, { payment, now: now() })
    expect(await refund((await paymentOf(chargeId)).id)).toEqual({ status: 'made' })
    const key = `payment-quarantined:stars:${chargeId}`
    expect((await database.prisma.alert.findUniqueOrThrow({ where: { key } })).resolvedAt).toBeInstanceOf(Date)
    expect(await database.prisma.ledgerEntry.count({ where: { userId: order.userId } })).toBe(0)
  })
})

describe('what nobody told us', () => {
  test('a payment that Telegram only has in its list is granted, once', async () => {
    const paid = await payUnheard()
    const read = () => reconcileStars(database.prisma, rail, { now: now() })
    const news = await Promise.all([read(), read(), read()])
    expect(news.reduce((sum, { payments }) => sum + payments, 0)).toBe(1)
    expect(await accountOf(paid.userId)).toMatchObject({ paid: 10, bonus: 2 })
    expect(await read()).toEqual({ payments: 0, refunds: 0 })
  })

  test('a refund that Telegram’s support made takes back what the Stars had brought', async () => {
    const paid = await payAndGrant()
    await telegram.apis.user.refundStarPayment(Number(paid.userId), paid.chargeId)
    expect((await reconcileStars(database.prisma, rail, { now: now() })).refunds).toBe(1)
    await expectGivenBack(paid)
    expect(await settleStarsRefund(database.prisma, { chargeId: paid.chargeId, now: now() })).toEqual({
      status: 'booked_before',
    })
  })

  test('a list that cannot be read is begun again where it was left', async () => {
    const paid = await payUnheard()
    standIn.world.addFault({ kind: '500', method: 'getStarTransactions', times: 1 })
    await expect(reconcileStars(database.prisma, rail, { now: now() })).rejects.toThrow('did not list')
    await reconcileStars(database.prisma, rail, { now: now() })
    expect(await accountOf(paid.userId)).toMatchObject({ paid: 10 })
  })

  test('a long list is entered where the time in question begins', async () => {
    const clock = new Date()
    const list = Array.from({ length: 1_037 }, (_, n) => ({
      id: `c${n}`,
      amount: 1,
      date: Math.floor(clock.getTime() / 1000) - 1_037 + n,
      source: {
        type: 'user' as const,
        transaction_type: 'invoice_payment' as const,
        user: { id: 1, is_bot: false, first_name: 'A' },
        invoice_payload: 'x',
      },
    }))
    let asked = 0
    const getStarTransactions = async ({ offset = 0, limit = 100 } = {}) => {
      asked += 1
      return { transactions: list.slice(offset, offset + limit) }
    }
    const other = { getStarTransactions } as unknown as Telegram['apis']['user']
    const seen: string[] = []
    for (const known of [1_030, 0, 1_037]) {
      const since = new Date((Math.floor(clock.getTime() / 1000) - 1_037 + known) * 1000)
      seen.length = 0
      asked = 0
      for await (const moved of createStarsRail(other).listTransactionsSince(since)) seen.push(moved.chargeId)
      expect(seen).toEqual(list.slice(known).map(({ id }) => id))
      expect(asked).toBeLessThan(30)
    }
  })
})
