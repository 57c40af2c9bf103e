import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { postEntry } from '#core/ledger/post-entry.ts'
import { promotionRules } from '#core/ledger/rules-promotions.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { changeSetting } from '#core/settings/change-setting.ts'
import { registerUser } from '#core/users/register-user.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { grantPayment } from '#testing/payments/granted-payment.ts'
import { tamper } from '#testing/tamper.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
  const { prisma } = db
  await changeSetting(prisma, { key: 'loyaltyPercent', value: { new: 50, regular: 0, vip: 0 }, updatedBy: 'test' })
  await changeSetting(prisma, { key: 'referralCredits', value: { referrer: 7, referred: 3 }, updatedBy: 'test' })
})
afterAll(() => db.close())

const profile = (id: bigint) => ({ id, firstName: 'Ann', lastName: null, username: null, languageCode: null })

/** Ann has invited Bo, who has bought something; Ann has redeemed a code, and one of her gifts has ended. */
beforeEach(async () => {
  await tamper(db.pool, 'TRUNCATE users, ledger_entries, orders, payments, products, promo_codes CASCADE')
  const { prisma } = db
  await registerUser(prisma, profile(1n))
  await registerUser(prisma, { ...profile(2n), referrerId: 1n })
  await grantPayment(prisma, { userId: 2n })
  const facts = { userId: 1n, contra: 'promotions', actor: 'system' } as const
  const bonusExpiresAt = new Date(0)
  await prisma.$transaction(async (tx) => {
    const gift = await postEntry(tx, { ...facts, kind: 'gift', ref: 'g', bonusDelta: 10, bonusExpiresAt })
    const entryId = gift.status === 'posted' ? gift.entryId : 0n
    await postEntry(tx, { ...facts, kind: 'expiry', ref: `lot:${entryId}`, bonusDelta: -10 })
    await tx.bonusLot.update({ where: { entryId }, data: { expiredAt: new Date() } })
    await tx.promoCode.create({ data: { id: 1, code: 'SPRING', credits: 5, uses: 1, createdBy: 'team:1' } })
    await tx.promoRedemption.create({ data: { promoId: 1, userId: 1n } })
    await postEntry(tx, { ...facts, kind: 'promo', ref: 'promo:1:1', bonusDelta: 5 })
    await postEntry(tx, { ...facts, kind: 'referral', ref: 'referrer:2:withdrawn', bonusDelta: -7 })
  })
})

const brokenRules = async () => (await verifyLedger(db.pool)).map(({ rule }) => rule)

test('sound promotions have no findings', async () => {
  expect(await brokenRules()).toEqual([])
})

const wrongs: [string, string, string][] = [
  ['a lot of another size', 'UPDATE bonus_lots SET granted = 11', 'Bonus credits that end were given as such'],
  [
    'a lot that ended without a trace',
    `DELETE FROM ledger_entries WHERE kind = 'expiry'`,
    'Bonus credits end exactly once, and never more of them than were given',
  ],
  [
    'an open lot whose end is booked',
    'UPDATE bonus_lots SET expired_at = NULL',
    'Bonus credits end exactly once, and never more of them than were given',
  ],
  [
    'more credits that ended than were given',
    `UPDATE ledger_entries SET bonus_delta = -11, amount = -11 WHERE kind = 'expiry'`,
    'Bonus credits end exactly once, and never more of them than were given',
  ],
  [
    'an end that took less than was left',
    `UPDATE ledger_entries SET bonus_delta = -9, amount = -9 WHERE kind = 'expiry'`,
    'Bonus credits end with what is left of them',
  ],
  [
    'bonus credits spent that were not there',
    `UPDATE ledger_entries SET kind = 'spend', bonus_delta = -99, amount = -99 WHERE kind = 'expiry'`,
    'Bonus credits end with what is left of them',
  ],
  ['an end of nothing', 'DELETE FROM bonus_lots', 'Nothing ends that was given for ever'],
  ['uses that nobody made', 'UPDATE promo_codes SET uses = 2', 'A promo code was redeemed as often as it counts'],
  [
    'more uses than there may be',
    'ALTER TABLE promo_codes DROP CONSTRAINT IF EXISTS promo_codes_sane; UPDATE promo_codes SET max_uses = 0',
    'A promo code was redeemed as often as it counts',
  ],
  [
    'a redemption that brought something else',
    'UPDATE promo_codes SET credits = 6',
    'Every redeemed promo code is booked once for its user',
  ],
  [
    'a promo bonus without a redemption',
    'DELETE FROM promo_redemptions; UPDATE promo_codes SET uses = 0',
    'Nobody got anything for a promo code that they did not redeem',
  ],
  [
    'a loyalty bonus that a refund would leave',
    'UPDATE payments SET granted_bonus = 2',
    'A loyalty bonus belongs to a paid order, which remembers it',
  ],
  [
    'a reward without a purchase',
    `UPDATE ledger_entries SET kind = 'gift' WHERE kind = 'purchase'`,
    'An invitation is rewarded only after the invited person bought something',
  ],
  [
    'a reward without an invitation',
    'UPDATE users SET referred_by_id = NULL',
    'An invitation is rewarded only after the invited person bought something',
  ],
  [
    'more of a reward taken back than was given',
    `UPDATE ledger_entries SET bonus_delta = -8, amount = -8 WHERE ref = 'referrer:2:withdrawn'`,
    'The reward for an invitation is taken back at most as far as it was given',
  ],
  [
    'a reward taken back twice',
    `UPDATE ledger_entries SET ref = 'referrer:2:withdrawn:2', bonus_delta = -5, amount = -5 WHERE kind = 'promo'; UPDATE ledger_entries SET kind = 'referral' WHERE kind = 'promo'`,
    'The reward for an invitation is taken back at most as far as it was given',
  ],
  [
    'more of a reward come back than was taken',
    `UPDATE ledger_entries SET ref = 'referrer:2:withdrawn:restored' WHERE kind = 'promo'; UPDATE ledger_entries SET kind = 'referral' WHERE kind = 'promo'`,
    'Of the reward for an invitation comes back what was taken back',
  ],
  [
    'a tier of nobody’s making',
    `UPDATE users SET tier = 'vip'`,
    'A tier is what the rules say, or what the team has set',
  ],
]

test.each(wrongs)('%s is found', async (_what, sql, rule) => {
  await tamper(db.pool, sql)
  expect(await brokenRules()).toContain(rule)
})

test('every rule has a wrong that it finds', () => {
  expect(new Set(wrongs.map(([, , rule]) => rule)).size).toBe(promotionRules.length)
})
