import type { LedgerRule } from '#core/ledger/ledger-rule.ts'

/** What users are promised about what their messages cost. */
export const messageRules: readonly LedgerRule[] = [
  {
    rule: 'A message that costs is charged exactly once',
    sql: `SELECT m.id AS message_id, m.user_id, m.cost, count(e.id) AS charges, coalesce(sum(e.amount), 0) AS charged
          FROM messages m LEFT JOIN ledger_entries e
            ON e.kind = 'spend' AND e.ref = format('msg:%s:%s:%s', m.bot_id, m.user_id, m.user_message_id)
          WHERE m.direction = 'in' AND m.cost > 0
          GROUP BY m.id HAVING count(e.id) <> 1 OR sum(e.amount) <> -m.cost`,
  },
  {
    rule: 'Every charge belongs to a message in the inbox',
    sql: `SELECT e.id, e.user_id, e.ref, e.amount FROM ledger_entries e
          WHERE e.kind = 'spend' AND NOT EXISTS (
            SELECT 1 FROM messages m WHERE m.user_id = e.user_id AND m.cost = -e.amount
              AND e.ref = format('msg:%s:%s:%s', m.bot_id, m.user_id, m.user_message_id))`,
  },
  {
    rule: 'A charge that was given back was taken, and as much of it',
    sql: `SELECT e.id, e.user_id, e.ref, e.amount, s.amount AS charged FROM ledger_entries e
          LEFT JOIN ledger_entries s ON s.kind = 'spend' AND s.ref = e.ref AND s.user_id = e.user_id
          WHERE e.kind = 'release' AND (s.id IS NULL
            OR (s.paid_delta, s.bonus_delta) IS DISTINCT FROM (-e.paid_delta, -e.bonus_delta))`,
  },
  {
    rule: 'A message that reached the team keeps its charge',
    sql: `SELECT e.id, e.user_id, e.ref, e.amount FROM ledger_entries e
            JOIN messages m ON m.user_id = e.user_id
              AND e.ref = format('msg:%s:%s:%s', m.bot_id, m.user_id, m.user_message_id)
            JOIN message_places p ON p.message_id = m.id AND p.created_at < e.created_at
          WHERE e.kind = 'release'`,
  },
  {
    rule: 'A message that was paid reaches the team, is on its way or is given back',
    sql: `SELECT m.id AS message_id, m.user_id, m.cost, m.failure FROM messages m
          WHERE m.direction = 'in' AND m.cost > 0
            AND NOT EXISTS (SELECT 1 FROM message_places p WHERE p.message_id = m.id)
            AND NOT EXISTS (SELECT 1 FROM ledger_entries e
              WHERE e.kind = 'release' AND e.ref = format('msg:%s:%s:%s', m.bot_id, m.user_id, m.user_message_id))
            AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.purpose = 'relay' AND o.message_id = m.id)`,
  },
]
