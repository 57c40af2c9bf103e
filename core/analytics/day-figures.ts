import { isWholeMessage } from '#core/analytics/album-parts.ts'
import type { Db } from '#core/db.ts'
import { DAY_MS } from '#core/durations.ts'

export interface DayFigures {
  /** Midnight UTC at which the day begins. */
  day: Date
  /**
   * Granted payments of that day in the given currency, less what was given back of them since. Booked by the day of the
   * payment, so that a refund never makes another day's revenue negative.
   */
  revenueMinor: number
  /** In both directions; an album is one. */
  messages: number
  /** People who wrote that day. */
  activeUsers: number
}

/** Midnight UTC of the day that holds this moment. */
export function startOfDay(at: Date): Date {
  return new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS)
}

interface Row {
  day: Date
  revenue: bigint
  messages: number
  users: number
}

/** The figures of the `days` whole UTC days before today, oldest first, without gaps. Reads every message of them. */
export async function listDayFigures(
  db: Db,
  { now, days, currency }: { now: Date; days: number; currency: string },
): Promise<DayFigures[]> {
  const until = startOfDay(now)
  const from = new Date(until.getTime() - days * DAY_MS)
  const rows = await db.$queryRaw<Row[]>`
    WITH sent AS (
      SELECT date_bin('1 day', created_at, ${from}::timestamptz) AS day, count(*)::int AS messages,
        count(DISTINCT user_id) FILTER (WHERE direction = 'in')::int AS users
      FROM messages m
      WHERE created_at >= ${from}::timestamptz AND created_at < ${until}::timestamptz AND ${isWholeMessage}
      GROUP BY 1
    ), paid AS (
      SELECT date_bin('1 day', created_at, ${from}::timestamptz) AS day, sum(amount_minor - refunded_minor)::bigint AS revenue
      FROM payments
      WHERE created_at >= ${from}::timestamptz AND created_at < ${until}::timestamptz
        AND state = 'granted' AND currency = ${currency}
      GROUP BY 1
    )
    SELECT d.day, coalesce(revenue, 0)::bigint AS revenue, coalesce(messages, 0) AS messages, coalesce(users, 0) AS users
    FROM generate_series(0, ${days}::int - 1) AS n
    CROSS JOIN LATERAL (SELECT ${from}::timestamptz + n * interval '24 hours' AS day) AS d
    LEFT JOIN sent USING (day) LEFT JOIN paid USING (day)
    ORDER BY d.day`
  return rows.map(({ day, revenue, messages, users }) => ({
    day,
    revenueMinor: Number(revenue),
    messages,
    activeUsers: users,
  }))
}
