import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postEntry } from '#core/ledger/post-entry.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { applyMoney } from '#core/payments/refunds/apply-money.ts'
import type { RailDispute, RailRefund, TakenMoney } from '#core/rails/books-rail.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { grantPayment } from '#testing/payments/granted-payment.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => {
  expect(await verifyLedger(database.pool)).toEqual([])
  await database.close()
})

/** What can happen to one payment of five dollars, one thing after the other, as Stripe would tell it each time. */
type Event =
  | { refund: string; status: string; amountMinor: number }
  | { dispute: string; status: string; amountMinor: number }

const first = (status: string): Event => ({ refund: 'first', status, amountMinor: 133 })
const second = (status: string): Event => ({ refund: 'second', status, amountMinor: 180 })
const dispute = (status: string): Event => ({ dispute: 'only', status, amountMinor: 187 })

const histories: Record<string, Event[]> = {
  'two partial refunds': [first('pending'), first('succeeded'), second('succeeded')],
  'a refund that failed': [first('succeeded'), second('succeeded'), second('failed')],
  'a dispute that was won': [first('succeeded'), dispute('needs_response'), dispute('under_review'), dispute('won')],
  'a dispute that was lost': [first('succeeded'), second('succeeded'), dispute('needs_response'), dispute('lost')],
  'a question that became a dispute': [dispute('warning_needs_response'), dispute('needs_response'), dispute('lost')],
  'a question that was settled by a refund': [
    dispute('warning_needs_response'),
    first('succeeded'),
    dispute('warning_closed'),
  ],
  'an appeal that was won': [
    dispute('needs_response'),
    dispute('lost'),
    dispute('appeal_under_review'),
    dispute('won'),
  ],
  'a dispute that is still open': [first('succeeded'), dispute('warning_under_review'), dispute('needs_response')],
}

/** The readings that one could have made after each event, the last of which is the truth. */
function readingsOf(history: Event[], given: { chargeId: string; paymentIntentId: string }): TakenMoney[] {
  return history.map((_, index) => {
    const refunds = new Map<string, RailRefund>()
    const disputes = new Map<string, RailDispute>()
    for (const event of history.slice(0, index + 1)) {
      const common = { amountMinor: event.amountMinor, currency: 'usd', status: event.status }
      if ('refund' in event) {
        const id = `re_${event.refund}_${given.chargeId}`
        refunds.set(id, { ...common, id, requestId: null, reason: null })
      } else {
        const id = `du_${event.dispute}_${given.chargeId}`
        disputes.set(id, { ...common, id, reason: 'fraudulent', evidenceDueAt: null, openedAt: new Date(0) })
      }
    }
    return {
      ...given,
      orderId: null,
      customerId: null,
      amountMinor: 500,
      currency: 'usd',
      livemode: false,
      createdAt: new Date(),
      refunds: [...refunds.values()],
      disputes: [...disputes.values()],
    }
  })
}

let lastUserId = 0n

/** Applies some readings of a history to a fresh payment, some of whose credits are spent, and the truth among them. */
async function booksAfter(history: Event[], order: (count: number) => number[], spent: number) {
  const { prisma } = database
  lastUserId += 1n
  const userId = lastUserId
  const { paymentId } = await grantPayment(prisma, { userId })
  await postEntry(prisma, {
    userId,
    kind: 'adjustment',
    ref: `spent:${userId}`,
    paidDelta: -spent,
    contra: 'corrections',
    actor: 'system',
  })
  const paid = await prisma.payment.findUniqueOrThrow({ where: { id: paymentId } })
  const readings = readingsOf(history, { chargeId: `ch_${userId}`, paymentIntentId: paid.paymentIntentId ?? '' })
  for (const index of order(readings.length)) {
    const money = readings[index]
    if (money) await prisma.$transaction((tx) => applyMoney(tx, { money, now: new Date() }))
  }
  const account = await prisma.account.findUniqueOrThrow({ where: { userId } })
  const user = await prisma.user.findUniqueOrThrow({ where: { id: userId } })
  const payment = await prisma.payment.findUniqueOrThrow({
    where: { id: paymentId },
    include: { refunds: { orderBy: { id: 'asc' } }, disputes: true },
  })
  const { refundedMinor, reversedPaid, reversedBonus, reversedSeconds } = payment
  return {
    credits: [account.paid, account.bonus, account.debt],
    statistics: [user.spentMinor, user.purchases],
    reversed: [refundedMinor, reversedPaid, reversedBonus, reversedSeconds],
    refunds: payment.refunds.map(({ status, amountMinor }) => [status, amountMinor]),
    disputes: payment.disputes.map(({ status }) => status),
  }
}

test.each(Object.entries(histories))(
  'readings that come late, twice and in any order end in the same books: %s',
  async (_, history) => {
    const indices = fc.array(fc.nat({ max: history.length - 1 }), { maxLength: 5 })
    const position = fc.nat({ max: 5 })
    await fc.assert(
      fc.asyncProperty(indices, position, fc.integer({ min: 0, max: 10 }), async (some, at, spent) => {
        const inOrder = await booksAfter(
          history,
          (count) => Array.from({ length: count }, (_each, index) => index),
          spent,
        )
        const anyhow = await booksAfter(history, (count) => some.toSpliced(at, 0, count - 1), spent)
        const onlyTruth = await booksAfter(history, (count) => [count - 1], spent)
        expect(anyhow).toEqual(inOrder)
        expect(onlyTruth).toEqual(inOrder)
      }),
      { numRuns: 4 },
    )
  },
  90_000,
)

test('readings applied all at once end in the same books', async () => {
  const history = histories['a dispute that was lost'] ?? []
  const { prisma } = database
  lastUserId += 1n
  const { paymentId } = await grantPayment(prisma, { userId: lastUserId })
  const { paymentIntentId } = await prisma.payment.findUniqueOrThrow({ where: { id: paymentId } })
  const readings = readingsOf(history, { chargeId: `ch_${lastUserId}`, paymentIntentId: paymentIntentId ?? '' })
  await Promise.all(
    [...readings, ...readings, ...readings].map((money) =>
      prisma.$transaction((tx) => applyMoney(tx, { money, now: new Date() }), { maxWait: 20_000, timeout: 20_000 }),
    ),
  )
  expect(await prisma.payment.findUniqueOrThrow({ where: { id: paymentId } })).toMatchObject({
    refundedMinor: 500,
    reversedPaid: 10,
    reversedBonus: 2,
  })
})
