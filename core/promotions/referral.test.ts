import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postEntry } from '#core/ledger/post-entry.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { readInvitations } from '#core/promotions/read-invitations.ts'
import { readReferralCode, referralCodeOf } from '#core/promotions/referral-code.ts'
import { changeSetting } from '#core/settings/change-setting.ts'
import { registerUser } from '#core/users/register-user.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { giveMoneyBack, grantPayment } from '#testing/payments/granted-payment.ts'
import { eventually } from '#testing/payments/shop.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
  await rewards(7, 3)
})
afterAll(async () => {
  expect(await verifyLedger(db.pool)).toEqual([])
  await db.close()
})

const rewards = (referrer: number, referred: number) =>
  changeSetting(db.prisma, { key: 'referralCredits', value: { referrer, referred }, updatedBy: 'test' })

const WAITING = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`

const anybody = () => BigInt(randomInt(1_000, 1e12))
async function join(referrerId: bigint | null = null, id = anybody()): Promise<bigint> {
  const profile = { id, firstName: 'Ann', lastName: null, username: null, languageCode: null }
  await registerUser(db.prisma, { ...profile, referrerId })
  return id
}

const buy = (userId: bigint, bonus = 0) => grantPayment(db.prisma, { userId, product: { bonus } })
const refund = (paymentId: string, refundedMinor = 500) => giveMoneyBack(db.prisma, { paymentId, refundedMinor })
const account = (userId: bigint) => db.prisma.account.findUniqueOrThrow({ where: { userId } })
const bonusOf = async (userId: bigint) => (await account(userId)).bonus
const invitedBy = async (id: bigint) => (await db.prisma.user.findUniqueOrThrow({ where: { id } })).referredById
const notices = (userId: bigint) =>
  db.prisma.outboxItem.count({ where: { userId, payload: { path: ['text'], string_starts_with: 'notice-referral' } } })

describe('an invitation', () => {
  test('counts for somebody new, whom nobody else can claim later', async () => {
    const [inviter, other] = [await join(), await join()]
    const friend = await join(inviter)
    await join(other, friend)
    expect(await invitedBy(friend)).toBe(inviter)
    expect(await readInvitations(db.prisma, { userId: inviter })).toEqual({ came: 1, bought: 0 })
  })

  test('counts for nobody who was here before, nor for oneself, nor by somebody unknown or banned', async () => {
    const inviter = await join()
    const known = await join()
    await join(inviter, known)
    const oneself = anybody()
    await join(oneself, oneself)
    const banned = await join()
    await db.prisma.user.update({ where: { id: banned }, data: { bannedAt: new Date() } })
    const strangers = [known, oneself, await join(anybody()), await join(banned)]
    expect(await Promise.all(strangers.map(invitedBy))).toEqual([null, null, null, null])
  })
})

describe('the reward', () => {
  test('comes to both with the first purchase, and not with the next', async () => {
    const inviter = await join()
    const friend = await join(inviter)
    expect(await bonusOf(inviter)).toBe(0)
    await buy(friend)
    await buy(friend)
    expect([await bonusOf(inviter), await bonusOf(friend)]).toEqual([7, 3])
    expect([await notices(inviter), await notices(friend)]).toEqual([1, 1])
    expect(await readInvitations(db.prisma, { userId: inviter })).toEqual({ came: 1, bought: 1 })
  })

  test('comes once, although two first purchases arrive at once', async () => {
    const inviter = await join()
    const friend = await join(inviter)
    await Promise.all([buy(friend), buy(friend), buy(friend)])
    expect([await bonusOf(inviter), await bonusOf(friend)]).toEqual([7, 3])
  })

  test('comes for every friend, also when all of them buy at once and the inviter too', async () => {
    const inviter = await join()
    const friends = await Promise.all(Array.from({ length: 8 }, () => join(inviter)))
    await Promise.all([buy(inviter), ...friends.map((friend) => buy(friend))])
    expect(await bonusOf(inviter)).toBe(56)
  })

  test('waits for messages of both without standing in their way', async () => {
    const inviter = await join(null, 11n)
    const friend = await join(inviter, 12n)
    const client = await db.pool.connect()
    const lock = (userId: bigint) =>
      client.query('SELECT 1 FROM accounts WHERE user_id = $1 FOR UPDATE NOWAIT', [userId])
    try {
      // As a batch of messages does: one account after the other, in the order of the ids.
      await client.query('BEGIN')
      await lock(inviter)
      const buying = buy(friend)
      await eventually(
        async () => (await client.query(WAITING)).rowCount,
        (waiting) => waiting === 1,
      )
      await lock(friend)
      await client.query('COMMIT')
      await buying
    } finally {
      client.release()
    }
    expect([await bonusOf(inviter), await bonusOf(friend)]).toEqual([7, 3])
  })

  test('is not for an inviter who was banned meanwhile', async () => {
    const inviter = await join()
    const friend = await join(inviter)
    await db.prisma.user.update({ where: { id: inviter }, data: { bannedAt: new Date() } })
    await buy(friend)
    expect([await bonusOf(inviter), await bonusOf(friend)]).toEqual([0, 3])
  })

  test('is taken back from both, as far as it is left, when the first purchase goes back wholly', async () => {
    const inviter = await join()
    const friend = await join(inviter)
    const { paymentId } = await buy(friend)
    await postEntry(db.prisma, {
      userId: inviter,
      kind: 'adjustment',
      ref: `spent:${inviter}`,
      bonusDelta: -5,
      contra: 'corrections',
      actor: 'system',
    })
    await refund(paymentId, 499)
    expect([await bonusOf(inviter), await bonusOf(friend)]).toEqual([2, 3])
    await Promise.all([refund(paymentId), refund(paymentId)])
    expect(await account(inviter)).toMatchObject({ bonus: 0, debt: 0 })
    expect(await bonusOf(friend)).toBe(0)
    await buy(friend)
    expect([await bonusOf(inviter), await bonusOf(friend)]).toEqual([0, 0])
  })

  test('stays when a later purchase goes back', async () => {
    const inviter = await join()
    const friend = await join(inviter)
    await buy(friend)
    const { paymentId } = await buy(friend)
    await refund(paymentId)
    expect([await bonusOf(inviter), await bonusOf(friend)]).toEqual([7, 3])
  })

  test('is neither booked nor told to the one for whom it is nothing', async () => {
    await rewards(7, 0)
    const inviter = await join()
    const friend = await join(inviter)
    await buy(friend)
    await rewards(7, 3)
    expect([await notices(inviter), await notices(friend)]).toEqual([1, 0])
    expect(await db.prisma.ledgerEntry.count({ where: { userId: friend, kind: 'referral' } })).toBe(0)
  })

  test('is nothing while it is turned off, nor for a later purchase when it is on again', async () => {
    await rewards(0, 0)
    const inviter = await join()
    const friend = await join(inviter)
    await buy(friend)
    await rewards(7, 3)
    await buy(friend)
    expect([await bonusOf(inviter), await bonusOf(friend)]).toEqual([0, 0])
  })
})

describe('a referral code', () => {
  test('leads back to whose it is, for every id that Telegram can give', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 52n - 1n }), (id) => {
        expect(readReferralCode(referralCodeOf(id))).toBe(id)
      }),
    )
  })

  test.each(['', '0', 'A', '-1', 'a b', 'zzzzzzzzzzz', '🚫', 'abcdefghijklmnop'])('%j is nobody’s', (code) => {
    expect(readReferralCode(code)).toBeNull()
  })
})
