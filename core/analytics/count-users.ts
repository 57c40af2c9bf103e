import type { Db } from '#core/db.ts'

/** Up to here counting is cheap enough to be exact. */
const EXACT_UP_TO = 100_000

/**
 * How many users there are: exact for small tables; for large ones the planner's estimate, which PostgreSQL keeps
 * within some percent.
 */
export async function countUsers(db: Db): Promise<{ count: number; exact: boolean }> {
  const [{ estimate }] = await db.$queryRaw<[{ estimate: number }]>`
    SELECT reltuples::float8 AS estimate FROM pg_class WHERE oid = 'users'::regclass`
  if (estimate > EXACT_UP_TO) return { count: Math.round(estimate), exact: false }
  return { count: await db.user.count(), exact: true }
}
