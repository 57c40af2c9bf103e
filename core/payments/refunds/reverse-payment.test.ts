import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postEntry } from '#core/ledger/post-entry.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { giveMoneyBack, grantPayment } from '#testing/payments/granted-payment.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => {
  expect(await verifyLedger(database.pool)).toEqual([])
  await database.close()
})

let lastUserId = 0n
const newUserId = () => {
  lastUserId += 1n
  return lastUserId
}

const reverse = (paymentId: string, refundedMinor: number) =>
  giveMoneyBack(database.prisma, { paymentId, refundedMinor })

const spend = (userId: bigint, { paid = 0, bonus = 0 }) =>
  postEntry(database.prisma, {
    userId,
    kind: 'adjustment',
    ref: `spent:${userId}`,
    paidDelta: -paid,
    bonusDelta: -bonus,
    contra: 'corrections',
    actor: 'system',
  })

/** All that a reversal may move. */
async function readBooks(userId: bigint, paymentId: string) {
  const { prisma } = database
  const account = await prisma.account.findUniqueOrThrow({ where: { userId } })
  const user = await prisma.user.findUniqueOrThrow({ where: { id: userId } })
  const payment = await prisma.payment.findUniqueOrThrow({ where: { id: paymentId } })
  const back = await prisma.ledgerEntry.aggregate({
    where: { userId, kind: 'refund' },
    _sum: { amount: true, passSeconds: true },
  })
  const { refundedMinor, reversedPaid, reversedBonus, reversedSeconds } = payment
  return {
    credits: [account.paid, account.bonus, account.debt],
    reversed: [refundedMinor, reversedPaid, reversedBonus, reversedSeconds],
    booked: [back._sum.amount ?? 0, back._sum.passSeconds ?? 0],
    statistics: [user.spentMinor, user.purchases],
  }
}

/** What the user was told of the only refund they had. */
async function toldOf(userId: bigint) {
  const { payload } = await database.prisma.outboxItem.findFirstOrThrow({
    where: { userId, payload: { path: ['text'], equals: 'refund-made' } },
  })
  return (payload as { args: unknown }).args
}

/** A payment with awkward numbers, of which a part is spent. A second pass keeps what is left longer than the grant. */
async function partlySpent({ paid, bonus }: { paid: number; bonus: number }) {
  const userId = newUserId()
  await grantPayment(database.prisma, { userId, product: { kind: 'time', amount: 86_400, bonus: 0 } })
  const credits = await grantPayment(database.prisma, { userId, product: { amount: 7, bonus: 3, priceMinor: 997 } })
  const pass = await grantPayment(database.prisma, {
    userId,
    product: { kind: 'time', amount: 3_601, bonus: 3, priceMinor: 997 },
  })
  await spend(userId, { paid, bonus })
  return { userId, credits: credits.paymentId, pass: pass.paymentId }
}

describe('money that went back', () => {
  test('takes back the same, in whatever steps, order and repetition it is told', async () => {
    const steps = fc.array(fc.integer({ min: 0, max: 997 }), { maxLength: 6 })
    const spent = fc.record({ paid: fc.integer({ min: 0, max: 7 }), bonus: fc.integer({ min: 0, max: 6 }) })
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 997 }), spent, async (targets, last, used) => {
        const end = Math.max(last, ...targets)
        const [slow, direct] = [await partlySpent(used), await partlySpent(used)]
        for (const target of [...targets, last, last]) {
          await reverse(slow.credits, target)
          await reverse(slow.pass, target)
        }
        await reverse(direct.credits, end)
        await reverse(direct.pass, end)
        expect(await readBooks(slow.userId, slow.credits)).toEqual(await readBooks(direct.userId, direct.credits))
        expect(await readBooks(slow.userId, slow.pass)).toEqual(await readBooks(direct.userId, direct.pass))
      }),
      { numRuns: 8 },
    )
  }, 90_000)

  test('whole takes everything; what was spent is owed, bonus credits are not', async () => {
    const userId = newUserId()
    const { paymentId } = await grantPayment(database.prisma, { userId })
    await spend(userId, { paid: 4, bonus: 2 })
    expect(await reverse(paymentId, 500)).toMatchObject({
      status: 'reversed',
      taken: { paid: 6, bonus: 0, owed: 4, seconds: 0 },
      balance: -4,
    })
    expect(await readBooks(userId, paymentId)).toEqual({
      credits: [0, 0, 4],
      reversed: [500, 10, 2, 0],
      booked: [-10, 0],
      statistics: [0n, 0],
    })
    expect(await toldOf(userId)).toMatchObject({ credits: 10, balance: -4, owed: 4 })
  })

  test('of which something was spent says what is left of all credits, and owes nothing while that is enough', async () => {
    const userId = newUserId()
    const { paymentId } = await grantPayment(database.prisma, { userId, product: { amount: 25, bonus: 0 } })
    await spend(userId, { paid: 16, bonus: -50 })
    await reverse(paymentId, 500)
    expect(await toldOf(userId)).toMatchObject({ credits: 25, balance: 34, owed: 0 })
  })

  test('in part leaves the purchase counted, with what it is still worth', async () => {
    const userId = newUserId()
    const { paymentId } = await grantPayment(database.prisma, { userId })
    await reverse(paymentId, 100)
    expect(await readBooks(userId, paymentId)).toMatchObject({ credits: [8, 2, 0], statistics: [400n, 1] })
  })

  test('told twenty times at once is taken once and said once', async () => {
    const userId = newUserId()
    const { paymentId } = await grantPayment(database.prisma, { userId })
    const all = await Promise.all(Array.from({ length: 20 }, () => reverse(paymentId, 250)))
    expect(all.filter(({ status }) => status === 'reversed')).toHaveLength(1)
    expect(await readBooks(userId, paymentId)).toMatchObject({ credits: [5, 1, 0], reversed: [250, 5, 1, 0] })
    const notices = await database.prisma.outboxItem.findMany({ where: { userId, purpose: 'notice' } })
    expect(notices.map(({ payload }) => payload)).toContainEqual({
      text: 'refund-made',
      args: { money: '$2.50', label: '10 credits', credits: 6, owed: 0, seconds: 0, balance: 6 },
      buttons: 'none',
    })
    expect(notices).toHaveLength(2)
  })

  test('while the user spends at the same moment costs nobody a credit', async () => {
    const userId = newUserId()
    const { paymentId } = await grantPayment(database.prisma, { userId })
    await Promise.allSettled([reverse(paymentId, 500), spend(userId, { paid: 3 })])
    const { credits } = await readBooks(userId, paymentId)
    // Either the spending came first and is owed, or it was refused.
    expect([
      [0, 0, 0],
      [0, 0, 3],
    ]).toContainEqual(credits)
  })

  test('takes of a pass what is left of it', async () => {
    const userId = newUserId()
    const { paymentId } = await grantPayment(database.prisma, {
      userId,
      product: { kind: 'time', amount: 3_600, bonus: 0 },
    })
    await database.prisma.account.update({ where: { userId }, data: { passUntil: new Date(Date.now() + 600_500) } })
    const outcome = await reverse(paymentId, 500)
    expect(outcome.status === 'reversed' && outcome.taken.seconds).toBe(600)
    const { passUntil } = await database.prisma.account.findUniqueOrThrow({ where: { userId } })
    expect(passUntil?.getTime()).toBeLessThanOrEqual(Date.now() + 1_000)
  })

  test('of more than was paid is refused', async () => {
    const { paymentId } = await grantPayment(database.prisma, { userId: newUserId() })
    await expect(reverse(paymentId, 501)).rejects.toThrow(RangeError)
  })

  test('whole takes away the content that it bought, and no other', async () => {
    const userId = newUserId()
    const { paymentId, orderId } = await grantPayment(database.prisma, { userId })
    const [bought, unlocked] = await Promise.all(
      ['Bought', 'Unlocked'].map((title) => database.prisma.content.create({ data: { title, createdBy: 'test' } })),
    )
    if (!bought || !unlocked) throw new Error('no content')
    await database.prisma.unlock.createMany({
      data: [
        { contentId: bought.id, userId, source: `order:${orderId}` },
        { contentId: unlocked.id, userId, source: 'credits' },
      ],
    })
    const withdrawn = async () =>
      (await database.prisma.unlock.findMany({ where: { userId, withdrawnAt: { not: null } } })).map(
        ({ contentId }) => contentId,
      )
    await reverse(paymentId, 499)
    expect(await withdrawn()).toEqual([])
    await reverse(paymentId, 500)
    expect(await withdrawn()).toEqual([bought.id])
    // These rights had no sale behind them.
    await database.prisma.unlock.deleteMany({ where: { userId } })
  })

  test('for a payment that was set aside is kept in mind and takes nothing', async () => {
    const userId = newUserId()
    const { paymentId } = await grantPayment(database.prisma, { userId })
    const stray = await database.prisma.payment.create({
      data: {
        paymentIntentId: 'pi_stray',
        userId,
        amountMinor: 700,
        currency: 'usd',
        livemode: false,
        state: 'quarantined',
      },
    })
    const before = await readBooks(userId, paymentId)
    expect(await reverse(stray.id, 700)).toMatchObject({ status: 'reversed', taken: { paid: 0, owed: 0 } })
    expect(await readBooks(userId, paymentId)).toEqual(before)
  })
})
