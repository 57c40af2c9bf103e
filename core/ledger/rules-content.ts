import type { LedgerRule } from '#core/ledger/ledger-rule.ts'

/** What locked content and kept messages promise. */
export const contentRules: readonly LedgerRule[] = [
  {
    rule: 'Content unlocked for credits was charged for',
    sql: `SELECT u.content_id, u.user_id FROM unlocks u
          WHERE u.source = 'credits' AND NOT EXISTS (
            SELECT 1 FROM ledger_entries e
            WHERE e.kind = 'unlock' AND e.user_id = u.user_id AND e.amount < 0
              AND split_part(e.ref, ':', 2) = u.content_id::text)`,
  },
  {
    rule: 'Every charge for content gave the right to it',
    sql: `SELECT e.id, e.user_id, e.ref, e.amount FROM ledger_entries e
          WHERE e.kind = 'unlock' AND NOT EXISTS (
            SELECT 1 FROM unlocks u
            WHERE u.user_id = e.user_id AND split_part(e.ref, ':', 2) = u.content_id::text
              AND e.ref LIKE format('content:%s:%s%%', u.content_id, u.user_id))`,
  },
  {
    rule: 'Content that is theirs was charged for once',
    sql: `SELECT u.content_id, u.user_id, count(e.id) AS charges
          FROM unlocks u JOIN ledger_entries e
            ON e.kind = 'unlock' AND e.user_id = u.user_id AND split_part(e.ref, ':', 2) = u.content_id::text
          GROUP BY u.content_id, u.user_id
          HAVING count(e.id) <> max(coalesce(nullif(split_part(e.ref, ':', 4), '')::int, 1))`,
  },
  {
    rule: 'Every granted order of content gave the right to it',
    sql: `SELECT o.id AS order_id, o.user_id, o.content_id FROM orders o
          WHERE o.kind = 'content' AND o.state = 'granted' AND NOT EXISTS (
            SELECT 1 FROM unlocks u WHERE u.content_id = o.content_id AND u.user_id = o.user_id)`,
  },
  {
    rule: 'A right that a payment gave belongs to a granted order',
    sql: `SELECT u.content_id, u.user_id, u.source FROM unlocks u
          WHERE u.source LIKE 'order:%' AND NOT EXISTS (
            SELECT 1 FROM orders o WHERE 'order:' || o.id = u.source AND o.state = 'granted'
              AND o.user_id = u.user_id AND o.content_id = u.content_id)`,
  },
  {
    // Its update may come again and go to the team past the row, which a periodic job ends then.
    rule: 'A kept message is charged once at most, and does not wait much longer then',
    sql: `SELECT k.id, k.user_id, k.ended_at, count(e.id) AS charges
          FROM kept_messages k CROSS JOIN LATERAL json_array_elements(k.content -> 'parts') AS p,
            -- Looked up one by one: as a join it compares all with all while the planner knows nothing of the tables.
            LATERAL (
              SELECT x.id, x.created_at FROM ledger_entries x
              WHERE x.kind = 'spend' AND x.ref = format('msg:%s:%s:%s', k.bot_id, k.user_id, p ->> 'messageId')
              OFFSET 0) e
          GROUP BY k.id
          HAVING count(e.id) > 1 OR (k.ended_at IS NULL AND max(e.created_at) < now() - interval '1 hour')`,
  },
]
