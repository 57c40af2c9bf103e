import { afterAll, beforeAll, expect, test } from 'vitest'
import { rechargeRules } from '#core/ledger/rules-recharge.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { newRecharger, runDue, spend } from '#testing/payments/recharge.ts'
import { openShop, type Shop } from '#testing/payments/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
  const { userId } = await newRecharger(shop, { credits: 6, monthlyCapMinor: 1000 })
  await spend(shop, userId, 1)
  await runDue(shop)
})
afterAll(() => shop.close())

const ruleAbout = (word: string) => rechargeRules.find(({ rule }) => rule.includes(word))?.rule

test('a user who was charged as agreed breaks no rule', async () => {
  expect(await shop.db.rechargeAttempt.count({ where: { state: 'succeeded' } })).toBe(1)
  expect(await verifyLedger(shop.database.pool)).toEqual([])
})

/** One more charge of the same order a second later. */
const chargeAgain = (amount: string) => `
  INSERT INTO recharge_attempts (user_id, state, amount_minor, currency, charged_at, order_id)
  SELECT user_id, 'charging', ${amount}, currency, charged_at + interval '1 s', order_id
  FROM recharge_attempts WHERE state = 'succeeded';`

test.each([
  [
    'under way',
    `DROP INDEX recharge_attempts_one_in_flight; ${chargeAgain('amount_minor')} ${chargeAgain('amount_minor')}`,
  ],
  ['above', chargeAgain('501')],
  ['one granted payment', `UPDATE recharge_attempts SET payment_intent_id = 'pi_other'`],
  ['did not agree', `UPDATE recharge_attempts SET charged_at = charged_at - interval '1 day'`],
])('it is found when this is broken: … %s …', async (word, sql) => {
  const client = await shop.database.pool.connect()
  try {
    await client.query('BEGIN')
    await client.query(sql)
    const found = (await verifyLedger(client)).map(({ rule }) => rule)
    expect(found).toContain(ruleAbout(word))
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
})

test('every rule has a wrong that it finds', () => {
  expect(rechargeRules).toHaveLength(4)
})
