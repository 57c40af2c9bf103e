import { isWholeMessage } from '#core/analytics/album-parts.ts'
import { startOfDay } from '#core/analytics/day-figures.ts'
import type { Db } from '#core/db.ts'
import { DAY_MS } from '#core/durations.ts'

/** A figure of today until now, and the same figure of yesterday until the same time of day. */
export interface Compared {
  today: number
  yesterday: number
}

export interface Today {
  /** Money in the shop's currency of payments made in that time, less what was given back of them since. */
  revenueMinor: Compared
  /** The same of today in any other currency, Telegram Stars among them; most businesses have none. */
  otherRevenue: { currency: string; amountMinor: number }[]
  /** In both directions; an album is one. */
  messages: Compared
  newUsers: Compared
  /** People who wrote within the last 24 hours. */
  activeUsers: number
}

interface Row {
  revenue: bigint
  revenue_before: bigint
  messages: number
  messages_before: number
  users: number
  users_before: number
  active: number
}

/** How today (UTC) goes. Each figure reads an index over two days at most. */
export async function readToday(db: Db, { now, currency }: { now: Date; currency: string }): Promise<Today> {
  const today = startOfDay(now)
  const yesterday = new Date(today.getTime() - DAY_MS)
  const dayAgo = new Date(now.getTime() - DAY_MS)
  const others = db.$queryRaw<{ currency: string; amount: bigint }[]>`
    SELECT currency, sum(amount_minor - refunded_minor)::bigint AS amount FROM payments
    WHERE created_at >= ${today}::timestamptz AND created_at <= ${now}::timestamptz
      AND state = 'granted' AND currency <> ${currency}
    GROUP BY currency HAVING sum(amount_minor - refunded_minor) > 0 ORDER BY currency`
  const figures = db.$queryRaw<[Row]>`
    SELECT * FROM (
      SELECT coalesce(sum(amount_minor - refunded_minor) FILTER (WHERE created_at >= ${today}::timestamptz), 0)::bigint AS revenue,
        coalesce(sum(amount_minor - refunded_minor) FILTER (WHERE created_at < ${dayAgo}::timestamptz), 0)::bigint AS revenue_before
      FROM payments
      WHERE created_at >= ${yesterday}::timestamptz AND created_at <= ${now}::timestamptz
        AND state = 'granted' AND currency = ${currency}
    ) AS payments, (
      SELECT count(*) FILTER (WHERE created_at >= ${today}::timestamptz)::int AS messages,
        count(*) FILTER (WHERE created_at < ${dayAgo}::timestamptz)::int AS messages_before
      FROM messages m
      WHERE created_at >= ${yesterday}::timestamptz AND created_at <= ${now}::timestamptz AND ${isWholeMessage}
    ) AS messages, (
      SELECT count(*) FILTER (WHERE created_at >= ${today}::timestamptz)::int AS users,
        count(*) FILTER (WHERE created_at < ${dayAgo}::timestamptz)::int AS users_before
      FROM users WHERE created_at >= ${yesterday}::timestamptz AND created_at <= ${now}::timestamptz
    ) AS users, (
      SELECT count(*)::int AS active FROM conversations
      WHERE last_message_minute >= date_trunc('minute', ${dayAgo}::timestamptz) AND last_user_message_at >= ${dayAgo}::timestamptz
    ) AS active`
  const [[row], otherRevenue] = await Promise.all([figures, others])
  return {
    revenueMinor: { today: Number(row.revenue), yesterday: Number(row.revenue_before) },
    otherRevenue: otherRevenue.map(({ currency: code, amount }) => ({ currency: code, amountMinor: Number(amount) })),
    messages: { today: row.messages, yesterday: row.messages_before },
    newUsers: { today: row.users, yesterday: row.users_before },
    activeUsers: row.active,
  }
}
