import type { Db } from '#core/db.ts'
import { listBotFacts } from '#core/health/heartbeat.ts'

/** The bot writes a beat every 5 s; three missed ones count as gone. */
const BEAT_MISSING_AFTER_MS = 20_000
/** A long poll takes up to 50 s when nothing happens. */
const POLL_MISSING_AFTER_MS = 90_000

export type HealthPart = 'database' | 'migrations' | 'poller'

export interface Health {
  well: boolean
  parts: { part: HealthPart; well: boolean; detail: string }[]
}

interface HealthQuestion {
  now: Date
  /** Whether a bot process must be polling; without it only this process' own needs are checked. */
  expectBot: boolean
  /** Names of the migrations this code was built with; all of them must have been applied. */
  migrations?: readonly string[]
}

/**
 * Whether database, migrations and poller are well, with a sentence for each. Never rejects: a database that cannot be
 * asked is an answer. It waits as long as the pool does; put a limit on the pool.
 */
export async function readHealth(db: Db, { now, expectBot, migrations = [] }: HealthQuestion): Promise<Health> {
  try {
    const parts = [
      { part: 'database', well: true, detail: 'answers' } as const,
      await checkMigrations(db, migrations),
      ...(expectBot ? [await checkPoller(db, now)] : []),
    ]
    return { well: parts.every(({ well }) => well), parts }
  } catch {
    // Whatever the driver says, the person who reads this can do one thing: look at the database.
    return { well: false, parts: [{ part: 'database', well: false, detail: 'does not answer' }] }
  }
}

async function checkMigrations(db: Db, expected: readonly string[]): Promise<Health['parts'][number]> {
  const part = 'migrations'
  const tables = await db.$queryRaw<{ found: boolean }[]>`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`
  if (!tables[0]?.found) return { part, well: false, detail: 'the database is empty: run npm run db:migrate' }
  const rows = await db.$queryRaw<{ name: string; finished: boolean }[]>`
    SELECT migration_name AS name, finished_at IS NOT NULL AS finished
    FROM _prisma_migrations WHERE rolled_back_at IS NULL`
  const unfinished = rows.filter((row) => !row.finished)
  if (unfinished.length > 0) {
    return { part, well: false, detail: `not finished: ${unfinished.map(({ name }) => name).join(', ')}` }
  }
  const applied = new Set(rows.map(({ name }) => name))
  const missing = expected.filter((name) => !applied.has(name))
  if (missing.length > 0) return { part, well: false, detail: `not applied yet: ${missing.join(', ')}` }
  return { part, well: true, detail: `${applied.size} applied` }
}

async function checkPoller(db: Db, now: Date): Promise<Health['parts'][number]> {
  const part = 'poller'
  const bots = await listBotFacts(db, { now, withinMs: BEAT_MISSING_AFTER_MS })
  if (bots.length === 0) return { part, well: false, detail: 'no bot process is running' }
  const leader = bots.find(({ facts }) => facts.leader)
  if (!leader) return { part, well: false, detail: 'no bot process leads' }
  const { polling, lastPollAt } = leader.facts
  if (!polling) return { part, well: false, detail: 'the bot is running but does not poll Telegram' }
  if (!lastPollAt) return { part, well: false, detail: 'Telegram has not answered yet' }
  const silentMs = now.getTime() - Date.parse(lastPollAt)
  if (silentMs > POLL_MISSING_AFTER_MS) {
    return { part, well: false, detail: `Telegram has not answered for ${Math.floor(silentMs / 60_000)} min` }
  }
  return { part, well: true, detail: 'Telegram answers' }
}
