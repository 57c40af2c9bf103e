import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { setContentActive } from '#core/content/change-content.ts'
import { resendContent } from '#core/content/resend-content.ts'
import { unlockForCredits } from '#core/content/unlock-for-credits.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { registerUser } from '#core/users/register-user.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { newContent } from '#testing/payments/content.ts'

let db: TestDatabase
let lastUser = 5_000n
beforeAll(async () => {
  db = await createTestDatabase()
})
afterEach(async () => expect(await verifyLedger(db.pool)).toEqual([]))
afterAll(() => db.close())

async function newUser({ paid = 0, bonus = 0 } = {}): Promise<bigint> {
  lastUser += 1n
  const userId = lastUser
  await registerUser(db.prisma, { id: userId, firstName: 'Ann', lastName: null, username: null, languageCode: 'en' })
  const gift = { userId, kind: 'gift', ref: `start:${userId}`, contra: 'promotions', actor: 'system' } as const
  await postEntry(db.prisma, { ...gift, paidDelta: paid, bonusDelta: bonus })
  return userId
}

const unlock = (userId: bigint, contentId: number, cost = 50) =>
  unlockForCredits(db.prisma, { userId, contentId, cost, now: new Date() })
const chargesOf = async (userId: bigint) =>
  (await db.prisma.ledgerEntry.findMany({ where: { userId, kind: 'unlock' }, orderBy: { id: 'asc' } })).map(
    ({ ref, paidDelta, bonusDelta }) => [ref, paidDelta, bonusDelta],
  )
const owedTo = async (userId: bigint) =>
  (await db.prisma.outboxItem.findMany({ where: { userId }, orderBy: { id: 'asc' } })).map(({ purpose }) => purpose)

test('the right, the charge and the delivery come together, bonus credits first', async () => {
  const [userId, { id }] = [await newUser({ paid: 45, bonus: 10 }), await newContent(db.prisma)]
  expect(await unlock(userId, id)).toEqual({ status: 'unlocked', title: 'Beach set', balance: 5 })
  expect(await chargesOf(userId)).toEqual([[`content:${id}:${userId}`, -40, -10]])
  expect(await db.prisma.unlock.findMany({ where: { userId } })).toMatchObject([
    { contentId: id, source: 'credits', withdrawnAt: null },
  ])
  expect(await owedTo(userId)).toEqual(['notice', 'content'])
})

test('two devices that tap at once pay once, and the slower one learns that it is theirs', async () => {
  const [userId, { id }] = [await newUser({ paid: 200 }), await newContent(db.prisma)]
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => unlock(userId, id)))
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['owned', 'owned', 'owned', 'owned', 'owned', 'unlocked'])
  expect(await chargesOf(userId)).toHaveLength(1)
  expect(await owedTo(userId)).toEqual(['notice', 'content'])
})

test('two contents bought at once with credits for one unlock one', async () => {
  const userId = await newUser({ paid: 60 })
  const contents = [await newContent(db.prisma), await newContent(db.prisma), await newContent(db.prisma)]
  const outcomes = await Promise.all(contents.map(({ id }) => unlock(userId, id)))
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['insufficient', 'insufficient', 'unlocked'])
  expect(await chargesOf(userId)).toHaveLength(1)
})

describe('nothing is charged and nothing owed', () => {
  test('for too little, with what it costs and what there is', async () => {
    const [userId, { id }] = [await newUser({ paid: 49 }), await newContent(db.prisma)]
    expect(await unlock(userId, id)).toEqual({ status: 'insufficient', title: 'Beach set', cost: 50, credits: 49 })
    expect([await chargesOf(userId), await owedTo(userId)]).toEqual([[], []])
    expect(await db.prisma.unlock.count({ where: { userId } })).toBe(0)
  })

  test('for a price that is not the one the user saw', async () => {
    const [userId, { id }] = [await newUser({ paid: 200 }), await newContent(db.prisma)]
    expect(await unlock(userId, id, 49)).toEqual({ status: 'price_changed' })
    expect(await chargesOf(userId)).toEqual([])
  })

  test('for what is off sale, gone, or sold for money alone', async () => {
    const userId = await newUser({ paid: 200 })
    const [off, forMoney] = [
      await newContent(db.prisma),
      await newContent(db.prisma, { price: { credits: null, amountMinor: 500 } }),
    ]
    await setContentActive(db.prisma, {
      contentId: off.id,
      active: false,
      actor: { id: 1n, name: 'Olivia', role: 'owner' },
    })
    for (const id of [off.id, forMoney.id, 999_999]) expect(await unlock(userId, id)).toEqual({ status: 'unavailable' })
    expect(await chargesOf(userId)).toEqual([])
  })

  test('for somebody who is banned', async () => {
    const [userId, { id }] = [await newUser({ paid: 200 }), await newContent(db.prisma)]
    await db.prisma.user.update({ where: { id: userId }, data: { bannedAt: new Date() } })
    expect(await unlock(userId, id)).toEqual({ status: 'banned' })
    expect(await chargesOf(userId)).toEqual([])
  })
})

test('what is theirs is sent again for nothing, once at a time, and to nobody else', async () => {
  const [userId, other, { id }] = [await newUser({ paid: 50 }), await newUser(), await newContent(db.prisma)]
  await unlock(userId, id)
  const again = () => resendContent(db.prisma, { userId, contentId: id })
  expect(await again()).toEqual({ status: 'on_its_way' })
  await db.prisma.outboxItem.deleteMany({ where: { userId } })
  const outcomes = await Promise.all([again(), again(), again()])
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['on_its_way', 'on_its_way', 'owed'])
  expect(await owedTo(userId)).toEqual(['content'])
  expect(await resendContent(db.prisma, { userId: other, contentId: id })).toEqual({ status: 'not_owned' })
  expect(await chargesOf(userId)).toHaveLength(1)
})

test('a right that was withdrawn is not sent again, and can be bought again as a charge of its own', async () => {
  const [userId, { id }] = [await newUser({ paid: 100 }), await newContent(db.prisma)]
  await unlock(userId, id)
  await db.prisma.unlock.updateMany({ where: { userId }, data: { withdrawnAt: new Date() } })
  expect(await resendContent(db.prisma, { userId, contentId: id })).toEqual({ status: 'not_owned' })
  expect(await unlock(userId, id)).toMatchObject({ status: 'unlocked', balance: 0 })
  expect(await chargesOf(userId)).toEqual([
    [`content:${id}:${userId}`, -50, 0],
    [`content:${id}:${userId}:2`, -50, 0],
  ])
})
