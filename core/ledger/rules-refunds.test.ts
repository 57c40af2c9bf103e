import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { refundRules } from '#core/ledger/rules-refunds.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { applyMoney } from '#core/payments/refunds/apply-money.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { grantPayment } from '#testing/payments/granted-payment.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.close())

let userId = 0n
let paymentId = ''

/** A payment with a refund, and a dispute that froze the rest and was won. */
beforeEach(async () => {
  userId += 1n
  const granted = await grantPayment(database.prisma, { userId })
  paymentId = granted.paymentId
  const paid = await database.prisma.payment.findUniqueOrThrow({ where: { id: paymentId } })
  const common = { amountMinor: 200, currency: 'usd', reason: 'fraudulent' }
  for (const status of ['needs_response', 'won']) {
    const money = {
      chargeId: `ch_${userId}`,
      paymentIntentId: paid.paymentIntentId,
      orderId: null,
      customerId: null,
      amountMinor: 500,
      currency: 'usd',
      livemode: false,
      createdAt: new Date(),
      refunds: [{ ...common, id: `re_${userId}`, status: 'succeeded', requestId: null }],
      disputes: [{ ...common, id: `du_${userId}`, status, evidenceDueAt: null, openedAt: new Date() }],
    }
    await database.prisma.$transaction((tx) => applyMoney(tx, { money, now: new Date() }))
  }
})

const brokenRules = async () => {
  const broken = new Set((await verifyLedger(database.pool)).map(({ rule }) => rule))
  return refundRules.map(({ rule }) => rule).filter((rule) => broken.has(rule))
}

/** Breaks the books in a way that no code of ours can, looks, and mends them. */
async function whenBroken(breaking: string, mending: string): Promise<string[]> {
  await database.pool.query(breaking)
  const found = await brokenRules()
  await database.pool.query(mending)
  expect(await brokenRules()).toEqual([])
  return found
}

const ledger = (change: string) =>
  `ALTER TABLE ledger_entries DISABLE TRIGGER USER; ${change}; ALTER TABLE ledger_entries ENABLE TRIGGER USER`
const move = (from: string, to: string) => ledger(`UPDATE ledger_entries SET ref = '${to}' WHERE ref = '${from}'`)

test('sound books break no rule', async () => {
  expect(await brokenRules()).toEqual([])
})

test('a payment that remembers another reversal than the ledger is found', async () => {
  const set = (paid: number) => `UPDATE payments SET reversed_paid = ${paid} WHERE id = '${paymentId}'`
  expect(await whenBroken(set(5), set(4))).toEqual([
    'What was taken back for a payment is in the ledger',
    'What was taken back for a payment is its share of the money that went back, never more than was granted',
  ])
})

test('a refund that nobody booked is found', async () => {
  const set = (status: string) => `UPDATE refunds SET status = '${status}' WHERE payment_id = '${paymentId}'`
  expect(await whenBroken(set('failed'), set('succeeded'))).toEqual([
    'The money that went back is that of its refunds and lost disputes',
  ])
})

test('a dispute that froze something else than the ledger says, or never ended, is found', async () => {
  const set = (what: string) => `UPDATE disputes SET ${what} WHERE payment_id = '${paymentId}'`
  const rule = ['What a dispute froze is in the ledger, and ends once, with the dispute']
  expect(await whenBroken(set('frozen_bonus = 0'), set('frozen_bonus = 1'))).toEqual(rule)
  expect(await whenBroken(set(`status = 'under_review'`), set(`status = 'won'`))).toEqual(rule)
})

test('movements of a refund or a dispute that does not exist are found', async () => {
  const { ref } = await database.prisma.ledgerEntry.findFirstOrThrow({ where: { userId, kind: 'refund' } })
  const stray = 'payment:00000000-0000-7000-8000-000000000000:1:200'
  expect(await whenBroken(move(ref, stray), move(stray, ref))).toContain(
    'Nothing is taken back but for a payment of the same user',
  )
  expect(await whenBroken(move(`du_${userId}`, 'du_none'), move('du_none', `du_${userId}`))).toContain(
    'Nothing is frozen or freed but by a dispute about a payment of the same user',
  )
})

test('a debt that came from nowhere is found', async () => {
  const set = (debt: number) => `UPDATE accounts SET debt = ${debt} WHERE user_id = ${userId}`
  expect(await whenBroken(set(9), set(0))).toEqual(['A debt is no larger than what was taken back'])
  const entry = (debt: number) =>
    ledger(`UPDATE ledger_entries SET debt_delta = ${debt}, paid_delta = paid_delta + ${debt || -1}
            WHERE user_id = ${userId} AND kind = 'purchase'`)
  expect(await whenBroken(entry(1), entry(0))).toContain(
    'Debt comes from money that went back, and is settled by what was bought or given back',
  )
})
