import type { Pool } from 'pg'
import { databaseUrl } from '../scripts/embedded-postgres.ts'
import { TEST_APPLICATION, type TestDatabase } from './database.ts'
import { runOn } from './server.ts'

/** Everybody who is connected to a test's database but the test itself: the processes that it starts and kills. */
const OTHERS = `FROM pg_stat_activity
  WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> '${TEST_APPLICATION}'`

/** A killed process' connections end a moment after it. */
export const countOthers = (pool: Pool) => count(pool, OTHERS)

export const countBlockedOthers = (pool: Pool) => count(pool, `${OTHERS} AND wait_event_type = 'Lock'`)

/** Statements of anybody in a test's database, the test itself among them, that wait for a lock. */
export const countBlocked = (pool: Pool) =>
  count(pool, `FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)

/** Ends the others' connections, and with them the statements that nobody waits for any more. */
export async function cutOthers(pool: Pool): Promise<void> {
  await pool.query(`SELECT pg_terminate_backend(pid) ${OTHERS}`)
}

async function count(pool: Pool, from: string): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(`SELECT count(*)::int AS n ${from}`)
  return rows[0]?.n ?? 0
}

interface Outage {
  end(): Promise<void>
}

/** Cuts the others off, and lets nobody in until the outage ends. */
export async function beginOutage({ url, pool }: Pick<TestDatabase, 'url' | 'pool'>): Promise<Outage> {
  const database = new URL(url).pathname.slice(1)
  // A database cannot be closed from within.
  const allow = (allowed: boolean) =>
    runOn(databaseUrl(url, 'postgres'), `ALTER DATABASE ${database} ALLOW_CONNECTIONS ${allowed}`)
  await allow(false)
  await cutOthers(pool)
  return { end: () => allow(true) }
}
