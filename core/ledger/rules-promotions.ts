import { findWrongLots } from '#core/ledger/find-wrong-lots.ts'
import type { LedgerRule } from '#core/ledger/ledger-rule.ts'
import { settingsSchema } from '#core/settings/settings.ts'

const defaultTiers = JSON.stringify(settingsSchema.parse({}).tiers)

/** What promotions promise: bonus credits that end, promo codes, loyalty, invitations and tiers. */
export const promotionRules: readonly LedgerRule[] = [
  {
    rule: 'Bonus credits that end were given as such',
    sql: `SELECT l.entry_id, l.user_id, l.granted, e.bonus_delta FROM bonus_lots l JOIN ledger_entries e ON e.id = l.entry_id
          WHERE e.user_id <> l.user_id OR e.bonus_delta <> l.granted`,
  },
  {
    rule: 'Bonus credits end exactly once, and never more of them than were given',
    sql: `SELECT l.entry_id, l.user_id, l.granted, l.expired_at, count(e.id) AS endings, sum(e.bonus_delta) AS ended
          FROM bonus_lots l LEFT JOIN ledger_entries e
            ON e.kind = 'expiry' AND e.ref = 'lot:' || l.entry_id AND e.user_id = l.user_id
          GROUP BY l.entry_id
          HAVING count(e.id) <> CASE WHEN l.expired_at IS NULL THEN 0 ELSE 1 END
            OR coalesce(sum(e.bonus_delta), 0) NOT BETWEEN -l.granted AND 0`,
  },
  {
    rule: 'Bonus credits end with what is left of them',
    find: findWrongLots,
  },
  {
    rule: 'Nothing ends that was given for ever',
    sql: `SELECT e.id, e.user_id, e.ref, e.amount FROM ledger_entries e
          WHERE e.kind = 'expiry' AND NOT EXISTS (
            SELECT 1 FROM bonus_lots l WHERE 'lot:' || l.entry_id = e.ref AND l.user_id = e.user_id)`,
  },
  {
    rule: 'A promo code was redeemed as often as it counts',
    sql: `SELECT p.id AS promo_id, p.code, p.uses, p.max_uses, count(r.user_id) AS redemptions
          FROM promo_codes p LEFT JOIN promo_redemptions r ON r.promo_id = p.id
          GROUP BY p.id HAVING p.uses <> count(r.user_id) OR p.uses > p.max_uses`,
  },
  {
    rule: 'Every redeemed promo code is booked once for its user',
    sql: `SELECT r.promo_id, r.user_id, count(e.id) AS entries
          FROM promo_redemptions r JOIN promo_codes p ON p.id = r.promo_id LEFT JOIN ledger_entries e
            ON e.kind = 'promo' AND e.ref = format('promo:%s:%s', r.promo_id, r.user_id) AND e.user_id = r.user_id
              AND e.bonus_delta = p.credits AND e.pass_seconds = p.pass_seconds
          GROUP BY r.promo_id, r.user_id HAVING count(e.id) <> 1`,
  },
  {
    rule: 'Nobody got anything for a promo code that they did not redeem',
    sql: `SELECT e.id, e.user_id, e.ref, e.amount FROM ledger_entries e
          WHERE e.kind = 'promo' AND NOT EXISTS (
            SELECT 1 FROM promo_redemptions r
            WHERE r.user_id = e.user_id AND e.ref = format('promo:%s:%s', r.promo_id, r.user_id))`,
  },
  {
    rule: 'A loyalty bonus belongs to a paid order, which remembers it',
    sql: `SELECT e.id, e.user_id, e.ref, e.amount FROM ledger_entries e
          WHERE e.kind = 'loyalty' AND NOT EXISTS (
            SELECT 1 FROM payments p JOIN orders o ON o.id = p.order_id
            WHERE 'order:' || o.id = e.ref AND p.state = 'granted' AND p.user_id = e.user_id
              AND p.granted_bonus = o.bonus + e.bonus_delta)`,
  },
  {
    rule: 'An invitation is rewarded only after the invited person bought something',
    sql: `SELECT e.id, e.user_id, e.ref, e.amount
          FROM ledger_entries e LEFT JOIN users u ON u.id = substring(e.ref FROM '^refer(?:red|rer):(\\d{1,18})$')::bigint
          WHERE e.kind = 'referral' AND e.amount > 0 AND e.ref NOT LIKE '%:restored' AND (
            u.referred_by_id IS NULL
            OR e.user_id <> CASE WHEN e.ref LIKE 'referred:%' THEN u.id ELSE u.referred_by_id END
            OR NOT EXISTS (SELECT 1 FROM ledger_entries b WHERE b.user_id = u.id AND b.kind = 'purchase'))`,
  },
  {
    rule: 'The reward for an invitation is taken back at most as far as it was given',
    sql: `SELECT e.id, e.user_id, e.ref, e.amount FROM ledger_entries e
          WHERE e.kind = 'referral' AND e.amount <= 0 AND e.ref NOT LIKE '%:restored' AND NOT EXISTS (
            SELECT 1 FROM ledger_entries g
            WHERE g.kind = 'referral' AND g.ref = split_part(e.ref, ':withdrawn', 1) AND g.ref <> e.ref
              AND g.user_id = e.user_id AND e.bonus_delta = e.amount AND -e.amount <= g.amount
              AND (SELECT sum(s.amount) FROM ledger_entries s WHERE s.user_id = g.user_id AND s.kind = 'referral'
                     AND split_part(s.ref, ':withdrawn', 1) = g.ref) >= 0)`,
  },
  {
    rule: 'Of the reward for an invitation comes back what was taken back',
    sql: `SELECT e.id, e.user_id, e.ref, e.amount FROM ledger_entries e
          WHERE e.kind = 'referral' AND e.ref LIKE '%:restored' AND NOT EXISTS (
            SELECT 1 FROM ledger_entries w
            WHERE w.kind = 'referral' AND w.ref = regexp_replace(e.ref, ':restored$', '')
              AND w.user_id = e.user_id AND w.version < e.version AND e.bonus_delta = e.amount AND e.amount = -w.amount)`,
  },
  {
    rule: 'A tier is what the rules say, or what the team has set',
    sql: `SELECT u.id AS user_id, u.tier, u.tier_override, u.spent_minor, u.purchases FROM users u
          WHERE u.tier <> coalesce(u.tier_override, tier_by_rules(u.spent_minor, u.purchases,
            coalesce((SELECT value::jsonb FROM settings WHERE key = 'tiers'), '${defaultTiers}'::jsonb)))`,
  },
]
