import type { LedgerRule } from '#core/ledger/ledger-rule.ts'

/** What payments in Stars promise beyond their orders: each further month of a subscription once, and nothing else. */
export const starsRules: readonly LedgerRule[] = [
  {
    rule: 'Every further month paid in Stars is booked as it was granted',
    sql: `SELECT p.id AS payment_id, p.stars_charge_id, p.user_id, count(e.id) AS purchases
          FROM payments p
            LEFT JOIN ledger_entries e ON e.kind = 'purchase' AND e.ref = 'stars:' || p.stars_charge_id
              AND e.user_id = p.user_id AND e.paid_delta - e.debt_delta = p.granted_paid
              AND e.pass_seconds = p.granted_seconds
          WHERE p.rail = 'stars' AND p.order_id IS NULL AND p.state = 'granted'
          GROUP BY p.id HAVING count(e.id) <> 1`,
  },
  {
    rule: 'Every month in Stars in the ledger was paid for',
    sql: `SELECT e.id, e.user_id, e.kind, e.ref, e.amount FROM ledger_entries e
          WHERE e.kind IN ('purchase', 'bonus') AND e.ref LIKE 'stars:%' AND NOT EXISTS (
            SELECT 1 FROM payments p
            WHERE p.stars_charge_id = substr(e.ref, 7) AND p.state = 'granted' AND p.user_id = e.user_id)`,
  },
]
