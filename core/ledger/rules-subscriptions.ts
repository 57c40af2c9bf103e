import type { LedgerRule } from '#core/ledger/ledger-rule.ts'

/** The entry that a paid period is booked under: the first one grants the order, the others only themselves. */
const REF = `coalesce('order:' || p.order_id, 'invoice:' || p.invoice_id)`

/** What subscriptions promise: each paid invoice brings its period once, and nothing else does. */
export const subscriptionRules: readonly LedgerRule[] = [
  {
    rule: 'Every paid period of a subscription is booked as it was granted',
    sql: `SELECT p.id AS payment_id, p.invoice_id, p.user_id, p.granted_paid, p.granted_bonus, p.granted_seconds,
                 count(DISTINCT e.id) AS purchases, count(DISTINCT b.id) AS bonuses
          FROM payments p
            LEFT JOIN ledger_entries e ON e.kind = 'purchase' AND e.ref = ${REF} AND e.user_id = p.user_id
              AND e.paid_delta - e.debt_delta = p.granted_paid AND e.pass_seconds = p.granted_seconds
            LEFT JOIN ledger_entries b ON b.kind = 'bonus' AND b.ref = ${REF} AND b.user_id = p.user_id
              AND b.bonus_delta = p.granted_bonus
          WHERE p.invoice_id IS NOT NULL AND p.state = 'granted' GROUP BY p.id
          HAVING count(DISTINCT e.id) <> 1 OR count(DISTINCT b.id) <> CASE WHEN p.granted_bonus > 0 THEN 1 ELSE 0 END`,
  },
  {
    rule: 'Every period in the ledger was paid for',
    sql: `SELECT e.id, e.user_id, e.kind, e.ref, e.amount FROM ledger_entries e
          WHERE e.kind IN ('purchase', 'bonus') AND e.ref LIKE 'invoice:%' AND NOT EXISTS (
            SELECT 1 FROM payments p
            WHERE p.invoice_id = substr(e.ref, 9) AND p.state = 'granted' AND p.user_id = e.user_id)`,
  },
  {
    rule: 'Who pays for a subscription is who has it',
    sql: `SELECT p.id AS payment_id, p.user_id, s.id AS subscription_id, s.user_id AS subscriber
          FROM payments p JOIN subscriptions s ON s.id = p.subscription_id
          WHERE p.user_id IS DISTINCT FROM s.user_id`,
  },
]
