import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { unlockForCredits } from '#core/content/unlock-for-credits.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { contentRules } from '#core/ledger/rules-content.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { newContent } from '#testing/payments/content.ts'
import { tamper } from '#testing/tamper.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

const ORDER = '01890000-0000-7000-8000-000000000001'

/** One content unlocked for credits, one bought, and one message that waited and was sent. */
beforeEach(async () => {
  await tamper(db.pool, 'TRUNCATE users, ledger_entries, contents CASCADE')
  await db.prisma.user.create({ data: { id: 1n, firstName: 'Ann' } })
  const facts = { userId: 1n, actor: 'system' } as const
  await postEntry(db.prisma, { ...facts, kind: 'gift', ref: 'start', contra: 'promotions', paidDelta: 100 })
  const unlocked = await newContent(db.prisma)
  await unlockForCredits(db.prisma, { userId: 1n, contentId: unlocked.id, cost: 50, now: new Date() })
  const bought = await newContent(db.prisma)
  const productId = bought.product?.id
  await db.pool.query(
    `INSERT INTO orders (id, token, user_id, product_id, content_id, kind, label, amount, bonus, price_minor, currency, state, expires_at)
       VALUES ('${ORDER}', 't', 1, ${productId}, ${bought.id}, 'content', 'Beach set', 1, 0, 500, 'usd', 'granted', now());
     INSERT INTO payments (id, order_id, user_id, session_id, amount_minor, currency, livemode, state)
       VALUES ('${ORDER}', '${ORDER}', 1, 'cs_1', 500, 'usd', false, 'granted');
     INSERT INTO unlocks (content_id, user_id, source) VALUES (${bought.id}, 1, 'order:${ORDER}');
     INSERT INTO messages (bot_id, user_id, direction, kind, content, user_message_id, cost) VALUES (42, 1, 'in', 'text', '{}', 7, 1);
     INSERT INTO outbox (lane, purpose, user_id, message_id, payload) SELECT 'topic:1', 'relay', 1, id, '{}' FROM messages;
     INSERT INTO kept_messages (bot_id, user_id, user_message_id, cost, expires_at, ended_at, content)
       VALUES (42, 1, 7, 1, now() + interval '1 day', now(), '{"parts": [{"messageId": 7}, {"messageId": 8}]}');`,
  )
  await postEntry(db.prisma, { ...facts, kind: 'purchase', ref: `order:${ORDER}`, contra: 'sales' })
  await postEntry(db.prisma, { ...facts, kind: 'spend', ref: 'msg:42:1:7', contra: 'messages', paidDelta: -1 })
})

const brokenRules = async () => (await verifyLedger(db.pool)).map((finding) => finding.rule)

test('a sound ledger has no findings', async () => {
  expect(await brokenRules()).toEqual([])
})

const wrongs: [string, string, string][] = [
  [
    'a right that nobody paid for',
    `DELETE FROM ledger_entries WHERE kind = 'unlock'`,
    'Content unlocked for credits was charged for',
  ],
  [
    'a charge that gave nothing',
    `DELETE FROM unlocks WHERE source = 'credits'`,
    'Every charge for content gave the right to it',
  ],
  [
    'a charge under a number that skips one',
    `UPDATE ledger_entries SET ref = ref || ':2' WHERE kind = 'unlock'`,
    'Content that is theirs was charged for once',
  ],
  [
    'an order that gave nothing',
    `DELETE FROM unlocks WHERE source LIKE 'order:%'`,
    'Every granted order of content gave the right to it',
  ],
  [
    'a right from an order that was never granted',
    `UPDATE orders SET state = 'open'`,
    'A right that a payment gave belongs to a granted order',
  ],
  [
    'a kept message that is charged and still waits',
    `UPDATE kept_messages SET ended_at = NULL;
     UPDATE ledger_entries SET created_at = now() - interval '2 hours' WHERE kind = 'spend'`,
    'A kept message is charged once at most, and does not wait much longer then',
  ],
  [
    'a kept album of which two parts are charged',
    `INSERT INTO ledger_entries (user_id, version, kind, ref, amount, balance_after, contra, actor)
       VALUES (1, 99, 'spend', 'msg:42:1:8', 0, 49, 'messages', 'user')`,
    'A kept message is charged once at most, and does not wait much longer then',
  ],
]

test.each(wrongs)('%s is found', async (_what, sql, rule) => {
  await tamper(db.pool, sql)
  expect(await brokenRules()).toContain(rule)
})

test('every rule has a wrong that it finds', () => {
  expect(new Set(wrongs.map(([, , rule]) => rule)).size).toBe(contentRules.length)
})
