import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { acceptMessages } from '#core/conversations/accept-messages.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { contentRules } from '#core/ledger/rules-content.ts'
import { promotionRules } from '#core/ledger/rules-promotions.ts'
import { rechargeRules } from '#core/ledger/rules-recharge.ts'
import { refundRules } from '#core/ledger/rules-refunds.ts'
import { starsRules } from '#core/ledger/rules-stars.ts'
import { subscriptionRules } from '#core/ledger/rules-subscriptions.ts'
import { verifiedRules, verifyLedger } from '#core/ledger/verify-ledger.ts'
import { settingsSchema } from '#core/settings/settings.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { tamper } from '#testing/tamper.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

const ORDER = '01890000-0000-7000-8000-000000000001'

beforeEach(async () => {
  await tamper(db.pool, `TRUNCATE users, ledger_entries, orders, payments, products CASCADE`)
  await db.prisma.user.create({ data: { id: 1n, firstName: 'Ann' } })
  await db.pool.query(
    `INSERT INTO products (id, kind, label, amount, price_minor, currency, updated_at) VALUES (1, 'credits', '25 credits', 25, 500, 'usd', now());
     INSERT INTO orders (id, token, user_id, product_id, kind, label, amount, bonus, price_minor, currency, state, expires_at)
       VALUES ('${ORDER}', 't', 1, 1, 'credits', '25 credits', 25, 0, 500, 'usd', 'granted', now());
     INSERT INTO payments (id, order_id, user_id, session_id, amount_minor, currency, livemode, state)
       VALUES ('${ORDER}', '${ORDER}', 1, 'cs_1', 500, 'usd', false, 'granted');`,
  )
  await postEntry(db.prisma, {
    userId: 1n,
    kind: 'purchase',
    ref: `order:${ORDER}`,
    paidDelta: 25,
    contra: 'sales',
    actor: 'stripe',
  })
  const parts = [{ messageId: 7, kind: 'text', text: 'hello', content: {} }]
  const profile = { firstName: 'Ann', lastName: null, username: null, languageCode: null }
  const message = { userId: 1, ...profile, albumId: null, preview: 'hello', parts, updateIds: [] }
  await acceptMessages(db.pool, [message], {
    botId: 42,
    settings: settingsSchema.parse({}),
    owner: null,
    leaseSeconds: 15,
  })
})

const brokenRules = async () => (await verifyLedger(db.pool)).map((finding) => finding.rule)

test('a sound ledger has no findings', async () => {
  expect(await brokenRules()).toEqual([])
})

const wrongs: [string, string, string][] = [
  [
    'more given back than was taken',
    `INSERT INTO ledger_entries (user_id, version, kind, ref, amount, paid_delta, balance_after, contra, actor)
       VALUES (1, 3, 'release', 'msg:42:1:7', 5, 5, 29, 'messages', 'system');
     UPDATE accounts SET paid = 29, version = 3`,
    'A charge that was given back was taken, and as much of it',
  ],
  [
    'a charge given back for a message that is in the topic',
    `INSERT INTO message_places (topic_chat_id, topic_message_id, message_id, created_at)
       SELECT -100, 5, id, now() - interval '1 minute' FROM messages;
     INSERT INTO ledger_entries (user_id, version, kind, ref, amount, paid_delta, balance_after, contra, actor)
       VALUES (1, 3, 'release', 'msg:42:1:7', 1, 1, 25, 'messages', 'system');
     UPDATE accounts SET paid = 25, version = 3`,
    'A message that reached the team keeps its charge',
  ],
  [
    'a paid message that nobody will ever see',
    'TRUNCATE outbox, message_places',
    'A message that was paid reaches the team, is on its way or is given back',
  ],
  ['a balance that nobody booked', 'UPDATE accounts SET paid = paid + 1', 'A balance is the sum of its entries'],
  [
    'a vanished entry',
    `DELETE FROM ledger_entries WHERE kind = 'purchase'`,
    'The entries of a user are numbered without a gap',
  ],
  [
    'a wrong running balance',
    'UPDATE ledger_entries SET balance_after = 99',
    'Each entry carries the balance that it left',
  ],
  [
    'a message without its charge',
    'UPDATE messages SET user_message_id = 8',
    'A message that costs is charged exactly once',
  ],
  ['a charge without its message', 'DELETE FROM messages', 'Every charge belongs to a message in the inbox'],
  ['a grant of another amount', `UPDATE orders SET amount = 50`, 'Every granted order is booked as it was ordered'],
  ['a purchase without money', 'DELETE FROM payments', 'Every purchase in the ledger was paid for'],
  [
    'an order granted by two payments',
    `INSERT INTO payments (id, order_id, user_id, session_id, amount_minor, currency, livemode, state)
     VALUES (gen_random_uuid(), '${ORDER}', 1, 'cs_2', 500, 'usd', false, 'granted')`,
    'An order is granted by one payment',
  ],
]

test.each(wrongs)('%s is found', async (_what, sql, rule) => {
  await tamper(db.pool, sql)
  expect(await brokenRules()).toContain(rule)
})

test('a balance below zero is found even where the constraint is gone', async () => {
  await tamper(
    db.pool,
    'ALTER TABLE accounts DROP CONSTRAINT accounts_paid_not_negative; UPDATE accounts SET paid = -1',
  )
  expect(await brokenRules()).toContain('No balance is below zero')
})

test('every rule has a wrong that it finds, here or beside the rules of its topic', () => {
  const besides = [promotionRules, rechargeRules, refundRules, contentRules, subscriptionRules, starsRules]
  const elsewhere = besides.reduce((sum, rules) => sum + rules.length, 0)
  expect(new Set(wrongs.map(([, , rule]) => rule)).size + 1 + elsewhere).toBe(verifiedRules)
})
