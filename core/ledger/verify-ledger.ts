import type { QueryConfig } from 'pg'
import type { Sql } from '#core/db.ts'
import type { LedgerRule } from '#core/ledger/ledger-rule.ts'
import { contentRules } from '#core/ledger/rules-content.ts'
import { messageRules } from '#core/ledger/rules-messages.ts'
import { promotionRules } from '#core/ledger/rules-promotions.ts'
import { rechargeRules } from '#core/ledger/rules-recharge.ts'
import { refundRules } from '#core/ledger/rules-refunds.ts'
import { starsRules } from '#core/ledger/rules-stars.ts'
import { subscriptionRules } from '#core/ledger/rules-subscriptions.ts'

export interface Finding {
  /** Which promise is broken, in words. */
  rule: string
  /** The rows that break it, at most `FINDINGS_PER_RULE`. */
  rows: Record<string, unknown>[]
}

const FINDINGS_PER_RULE = 20
const QUERY_TIMEOUT_MS = 30 * 60_000

const rules: readonly LedgerRule[] = [
  ...messageRules,
  ...promotionRules,
  ...rechargeRules,
  ...refundRules,
  ...subscriptionRules,
  ...starsRules,
  ...contentRules,
  {
    rule: 'A balance is the sum of its entries',
    sql: `SELECT a.user_id, a.paid, a.bonus, a.debt, coalesce(s.paid, 0) AS paid_entries,
                 coalesce(s.bonus, 0) AS bonus_entries, coalesce(s.debt, 0) AS debt_entries
          FROM accounts a LEFT JOIN (
            SELECT user_id, sum(paid_delta) AS paid, sum(bonus_delta) AS bonus, sum(debt_delta) AS debt
            FROM ledger_entries GROUP BY user_id) s ON s.user_id = a.user_id
          WHERE (a.paid, a.bonus, a.debt) IS DISTINCT FROM (coalesce(s.paid, 0), coalesce(s.bonus, 0), coalesce(s.debt, 0))`,
  },
  {
    rule: 'No balance is below zero',
    sql: 'SELECT user_id, paid, bonus, debt FROM accounts WHERE paid < 0 OR bonus < 0 OR debt < 0',
  },
  {
    rule: 'The entries of a user are numbered without a gap',
    sql: `SELECT a.user_id, a.version, s.entries, s.first, s.last
          FROM accounts a JOIN (
            SELECT user_id, count(*) AS entries, min(version) AS first, max(version) AS last
            FROM ledger_entries GROUP BY user_id) s ON s.user_id = a.user_id
          WHERE s.entries <> a.version OR s.last <> a.version OR s.first <> 1`,
  },
  {
    rule: 'Each entry carries the balance that it left',
    sql: `SELECT id, user_id, balance_after, running FROM (
            SELECT id, user_id, balance_after, sum(amount) OVER (PARTITION BY user_id ORDER BY version) AS running
            FROM ledger_entries) e
          WHERE balance_after <> running`,
  },
  {
    rule: 'Every granted order is booked as it was ordered',
    sql: `SELECT o.id AS order_id, o.kind, o.amount, o.bonus, count(e.id) AS purchases, count(b.id) AS bonuses
          FROM orders o
            LEFT JOIN ledger_entries e ON e.kind = 'purchase' AND e.ref = 'order:' || o.id AND e.user_id = o.user_id
              AND (o.kind <> 'credits' OR e.paid_delta - e.debt_delta = o.amount) AND (o.kind <> 'time' OR e.pass_seconds = o.amount)
            LEFT JOIN ledger_entries b ON b.kind = 'bonus' AND b.ref = 'order:' || o.id AND b.user_id = o.user_id
              AND b.bonus_delta = o.bonus
          WHERE o.state = 'granted' GROUP BY o.id
          HAVING count(e.id) <> 1 OR count(b.id) <> CASE WHEN o.bonus > 0 THEN 1 ELSE 0 END`,
  },
  {
    rule: 'Every purchase in the ledger was paid for',
    sql: `SELECT e.id, e.user_id, e.kind, e.ref, e.amount FROM ledger_entries e
          WHERE e.kind IN ('purchase', 'bonus') AND e.ref LIKE 'order:%' AND NOT EXISTS (
            SELECT 1 FROM payments p
            WHERE 'order:' || p.order_id = e.ref AND p.state = 'granted' AND p.user_id = e.user_id)`,
  },
  {
    rule: 'An order is granted by one payment',
    sql: `SELECT o.id AS order_id, o.state, count(p.id) AS grants FROM orders o
            LEFT JOIN payments p ON p.order_id = o.id AND p.state = 'granted'
          GROUP BY o.id HAVING count(p.id) > 1 OR (o.state = 'granted') <> (count(p.id) = 1)`,
  },
]

/** Proves the ledger's promises over the whole database; an empty list means that all of them hold. Reads only. */
export async function verifyLedger(sql: Sql): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const rule of rules) {
    const rows = rule.find ? await rule.find(sql) : await runQuery(sql, rule.sql)
    if (rows.length > 0) findings.push({ rule: rule.rule, rows: rows.slice(0, FINDINGS_PER_RULE) })
  }
  return findings
}

async function runQuery(sql: Sql, query: string): Promise<Finding['rows']> {
  const text = `SELECT * FROM (${query}) broken LIMIT ${FINDINGS_PER_RULE}`
  // Read as a whole, a big ledger takes longer than anything a person waits for.
  const { rows } = await sql.query<Finding['rows'][number]>({ text, query_timeout: QUERY_TIMEOUT_MS } as QueryConfig)
  return rows
}

/** How many promises `verifyLedger` checks. */
export const verifiedRules = rules.length
