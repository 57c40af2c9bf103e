import type { LedgerRule } from '#core/ledger/ledger-rule.ts'

/** The agreement that held when something was charged. */
const AGREEMENT = `LEFT JOIN LATERAL (
  SELECT c.product_id, c.price_minor, c.currency, c.monthly_cap_minor FROM recharge_consents c
  WHERE c.user_id = a.user_id AND c.created_at <= a.charged_at ORDER BY c.id DESC LIMIT 1) agreed ON true`

/** What is promised about charging by itself. */
export const rechargeRules: readonly LedgerRule[] = [
  {
    rule: 'At most one recharge of a user is under way',
    sql: `SELECT user_id, count(*) AS under_way FROM recharge_attempts
          WHERE state IN ('due', 'charging') GROUP BY user_id HAVING count(*) > 1`,
  },
  {
    rule: 'No month of recharges goes above what its user agreed to',
    sql: `SELECT id, user_id, charged_at, so_far, monthly_cap_minor FROM (
            SELECT a.id, a.user_id, a.charged_at, agreed.monthly_cap_minor, sum(a.amount_minor) OVER (
              PARTITION BY a.user_id, date_trunc('month', a.charged_at AT TIME ZONE 'UTC') ORDER BY a.charged_at, a.id) AS so_far
            FROM recharge_attempts a ${AGREEMENT} WHERE a.state IN ('charging', 'succeeded')) m
          WHERE so_far > monthly_cap_minor`,
  },
  {
    rule: 'Every recharge that succeeded has one granted payment, for its order',
    sql: `SELECT a.id, a.user_id, a.payment_intent_id, count(p.id) AS payments FROM recharge_attempts a
            LEFT JOIN payments p ON p.payment_intent_id = a.payment_intent_id AND p.order_id = a.order_id
              AND p.state = 'granted' AND p.amount_minor = a.amount_minor
          WHERE a.state = 'succeeded' GROUP BY a.id HAVING count(p.id) <> 1`,
  },
  {
    rule: 'Nothing is charged by itself that its user did not agree to',
    sql: `SELECT a.id, a.user_id, a.amount_minor, a.charged_at, agreed.price_minor
          FROM recharge_attempts a JOIN orders o ON o.id = a.order_id ${AGREEMENT}
          WHERE (agreed.product_id, agreed.price_minor, agreed.currency)
            IS DISTINCT FROM (o.product_id, a.amount_minor, a.currency)`,
  },
]
