import type { LedgerRule } from '#core/ledger/ledger-rule.ts'

/** Disputes whose money is gone; see `judgeDispute`. */
const LOST = `('lost', 'appeal_needs_response', 'appeal_under_review')`

/** What is promised about money that went back, or that a bank examines. */
export const refundRules: readonly LedgerRule[] = [
  {
    rule: 'What was taken back for a payment is in the ledger',
    sql: `SELECT p.id AS payment_id, p.user_id, p.reversed_paid, p.reversed_bonus, p.reversed_seconds,
                 e.paid, e.bonus, e.seconds
          FROM payments p LEFT JOIN (
            SELECT split_part(ref, ':', 2) AS payment_id, user_id, -sum(paid_delta - debt_delta) AS paid,
                   -sum(bonus_delta) AS bonus, -sum(pass_seconds) AS seconds
            FROM ledger_entries WHERE kind = 'refund' GROUP BY 1, 2) e
            ON e.payment_id = p.id::text AND e.user_id = p.user_id
          WHERE p.user_id IS NOT NULL AND (
            coalesce(e.paid, 0) <> p.reversed_paid
            OR coalesce(e.bonus, 0) NOT BETWEEN 0 AND p.reversed_bonus
            OR coalesce(e.seconds, 0) NOT BETWEEN 0 AND p.reversed_seconds)`,
  },
  {
    rule: 'Nothing is taken back but for a payment of the same user',
    sql: `SELECT e.id, e.user_id, e.ref, e.amount FROM ledger_entries e
          WHERE e.kind = 'refund' AND NOT EXISTS (
            SELECT 1 FROM payments p WHERE p.id::text = split_part(e.ref, ':', 2) AND p.user_id = e.user_id)`,
  },
  {
    rule: 'What was taken back for a payment is its share of the money that went back, never more than was granted',
    sql: `SELECT id AS payment_id, amount_minor, refunded_minor, granted_paid, reversed_paid, granted_bonus,
                 reversed_bonus, granted_seconds, reversed_seconds
          FROM payments
          WHERE (reversed_paid, reversed_bonus, reversed_seconds) IS DISTINCT FROM (
            coalesce(granted_paid::bigint * refunded_minor / nullif(amount_minor, 0), 0),
            coalesce(granted_bonus::bigint * refunded_minor / nullif(amount_minor, 0), 0),
            coalesce(granted_seconds::bigint * refunded_minor / nullif(amount_minor, 0), 0))`,
  },
  {
    rule: 'The money that went back is that of its refunds and lost disputes',
    sql: `SELECT p.id AS payment_id, p.refunded_minor, coalesce(r.minor, 0) AS refunds, coalesce(d.minor, 0) AS disputes
          FROM payments p
            LEFT JOIN (SELECT payment_id, sum(amount_minor) AS minor FROM refunds
                       WHERE status NOT IN ('failed', 'canceled') GROUP BY 1) r ON r.payment_id = p.id
            LEFT JOIN (SELECT d.payment_id,
                              sum(CASE WHEN d.currency = q.currency THEN d.amount_minor ELSE q.amount_minor END) AS minor
                       FROM disputes d JOIN payments q ON q.id = d.payment_id WHERE d.status IN ${LOST} GROUP BY 1) d
              ON d.payment_id = p.id
          WHERE p.refunded_minor <> least(p.amount_minor, coalesce(r.minor, 0) + coalesce(d.minor, 0))`,
  },
  {
    rule: 'Debt comes from money that went back, and is settled by what was bought or given back',
    sql: `SELECT id, user_id, kind, ref, debt_delta FROM ledger_entries
          WHERE (debt_delta > 0 AND kind <> 'refund')
            OR (debt_delta < 0 AND kind NOT IN ('purchase', 'refund', 'dispute', 'dispute_won'))`,
  },
  {
    rule: 'A debt is no larger than what was taken back',
    sql: `SELECT a.user_id, a.debt, coalesce(sum(p.reversed_paid), 0) AS reversed
          FROM accounts a LEFT JOIN payments p ON p.user_id = a.user_id
          WHERE a.debt > 0 GROUP BY a.user_id, a.debt HAVING a.debt > coalesce(sum(p.reversed_paid), 0)`,
  },
  {
    rule: 'What a dispute froze is in the ledger, and ends once, with the dispute',
    sql: `SELECT d.id AS dispute_id, d.status, d.frozen_paid, d.frozen_bonus, d.frozen_seconds, count(f.id) AS freezes,
                 count(e.id) AS endings
          FROM disputes d
            LEFT JOIN ledger_entries f ON f.kind = 'dispute' AND f.ref = d.id
              AND (f.paid_delta, f.bonus_delta, f.pass_seconds) = (-d.frozen_paid, -d.frozen_bonus, -d.frozen_seconds)
            LEFT JOIN ledger_entries e ON (e.kind, e.ref) IN (('dispute_won', d.id), ('dispute', d.id || ':lost'))
              AND e.user_id = f.user_id
              AND (e.paid_delta - e.debt_delta, e.bonus_delta, e.pass_seconds) = (d.frozen_paid, d.frozen_bonus, d.frozen_seconds)
          GROUP BY d.id
          HAVING count(DISTINCT f.id) <> CASE WHEN d.frozen_paid + d.frozen_bonus + d.frozen_seconds > 0 THEN 1 ELSE 0 END
            OR count(e.id) <> CASE WHEN d.frozen_paid + d.frozen_bonus + d.frozen_seconds > 0
                                    AND (d.status = 'won' OR d.status IN ${LOST}) THEN 1 ELSE 0 END`,
  },
  {
    rule: 'Nothing is frozen or freed but by a dispute about a payment of the same user',
    sql: `SELECT e.id, e.user_id, e.kind, e.ref, e.amount FROM ledger_entries e
          WHERE e.kind IN ('dispute', 'dispute_won') AND NOT EXISTS (
            SELECT 1 FROM disputes d JOIN payments p ON p.id = d.payment_id
            WHERE d.id = split_part(e.ref, ':', 1) AND p.user_id = e.user_id)`,
  },
]
