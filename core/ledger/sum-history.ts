import type { Db } from '#core/db.ts'
import { HOUR_MS } from '#core/durations.ts'

export interface Flow {
  /** Credits that came and that went, neither negative. */
  came: number
  went: number
}

export interface HistorySums {
  thisWeek: Flow
  thisMonth: Flow
  lastMonth: Flow
}

/** Movements are numbered when they are booked and dated when their transaction began, which may be a little earlier. */
const BOOKED_WITHIN_MS = HOUR_MS

/**
 * How many credits came to a user and went from them this week (from Monday), this month and last month, in UTC.
 * Reads no more of the ledger than these months.
 */
export async function sumHistory(db: Db, { userId, now }: { userId: bigint; now: Date }): Promise<HistorySums> {
  const { week, month, monthBefore } = startsOf(now)
  const wayBefore = new Date(Math.min(week.getTime(), monthBefore.getTime()) - BOOKED_WITHIN_MS)
  const rows = await db.$queryRaw<Record<string, number>[]>`
    SELECT
      coalesce(sum(amount) FILTER (WHERE amount > 0 AND created_at >= ${week}), 0)::int AS "weekCame",
      coalesce(-sum(amount) FILTER (WHERE amount < 0 AND created_at >= ${week}), 0)::int AS "weekWent",
      coalesce(sum(amount) FILTER (WHERE amount > 0 AND created_at >= ${month}), 0)::int AS "monthCame",
      coalesce(-sum(amount) FILTER (WHERE amount < 0 AND created_at >= ${month}), 0)::int AS "monthWent",
      coalesce(sum(amount) FILTER (
        WHERE amount > 0 AND created_at >= ${monthBefore} AND created_at < ${month}), 0)::int AS "beforeCame",
      coalesce(-sum(amount) FILTER (
        WHERE amount < 0 AND created_at >= ${monthBefore} AND created_at < ${month}), 0)::int AS "beforeWent"
    FROM ledger_entries
    WHERE user_id = ${userId} AND version > coalesce((
      SELECT version FROM ledger_entries WHERE user_id = ${userId} AND created_at < ${wayBefore}
      ORDER BY version DESC LIMIT 1), 0)`
  const of = (period: string): Flow => ({
    came: rows[0]?.[`${period}Came`] ?? 0,
    went: rows[0]?.[`${period}Went`] ?? 0,
  })
  return { thisWeek: of('week'), thisMonth: of('month'), lastMonth: of('before') }
}

function startsOf(now: Date): { week: Date; month: Date; monthBefore: Date } {
  const [year, month, date] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
  const daysSinceMonday = (now.getUTCDay() + 6) % 7
  return {
    week: new Date(Date.UTC(year, month, date - daysSinceMonday)),
    month: new Date(Date.UTC(year, month, 1)),
    monthBefore: new Date(Date.UTC(year, month - 1, 1)),
  }
}
