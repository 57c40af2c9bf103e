import { createHash, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { connectToFitDatabase } from './connect.ts'
import { listMigrationNames } from './migration-names.ts'

/** Held while migrating, so that two processes starting at once take turns. The number only has to be ours. */
const MIGRATION_LOCK = 7_036_210_015n

/** The very table Prisma Migrate keeps, so that its own tools can take over a database at any time. */
const BOOKKEEPING = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`

export interface Migration {
  name: string
  sql: string
}

export interface MigrationStatus {
  applied: string[]
  pending: string[]
  /** Applied here, but the file has changed since. */
  edited: string[]
  /** Applied here by a newer or other version of the code: there is no such file. */
  unknown: string[]
  /** Begun by another tool and never finished; somebody has to look. */
  unfinished: string[]
}

/** A migration file that failed. Nothing of it, and nothing after it, has been applied. */
export class MigrationFailedError extends Error {
  override name = 'MigrationFailedError'
}

/** All migrations of a directory (`<name>/migration.sql`), oldest first. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  return Promise.all(
    listMigrationNames(directory).map(async (name) => ({
      name,
      sql: await readFile(join(directory, name, 'migration.sql'), 'utf8'),
    })),
  )
}

/**
 * Brings a database up to date and returns what it did. Each file and its bookkeeping row commit together, so a file
 * is applied whole or not at all, also under kill -9; running it again, or from two processes at once, is harmless.
 */
export async function applyMigrations(url: string, migrations: readonly Migration[]): Promise<MigrationStatus> {
  return withClient(url, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    await client.query(BOOKKEEPING)
    const status = await readStatus(client, migrations)
    if (status.unfinished.length > 0) {
      throw new MigrationFailedError(
        `Another tool began ${status.unfinished.join(', ')} and did not finish. Repair the database, then set ` +
          'rolled_back_at (to try again) or finished_at (when it is done) of that row in _prisma_migrations.',
      )
    }
    for (const migration of migrations) {
      if (status.pending.includes(migration.name)) await applyOne(client, migration)
    }
    return status
  })
}

/** What `applyMigrations` would do, without doing it. */
export async function readMigrationStatus(url: string, migrations: readonly Migration[]): Promise<MigrationStatus> {
  return withClient(url, (client) => readStatus(client, migrations))
}

async function applyOne(client: pg.Client, { name, sql }: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    const before = await transactionId(client)
    // One simple query: the server takes the file as it is, so function bodies may contain semicolons.
    await client.query(sql)
    if ((await transactionId(client)) !== before) {
      throw new Error('it ends the transaction it runs in; take out its BEGIN, COMMIT or ROLLBACK')
    }
    await client.query('RESET ALL')
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), checksum(sql), name],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw new MigrationFailedError(`Migration ${name} failed and was rolled back: ${describe(error, sql)}`, {
      cause: error,
    })
  }
}

async function transactionId(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id')
  return rows[0]?.id ?? ''
}

interface BookkeepingRow {
  migration_name: string
  checksum: string
  finished_at: Date | null
}

async function readStatus(client: pg.Client, migrations: readonly Migration[]): Promise<MigrationStatus> {
  const { rows: tables } = await client.query(`SELECT to_regclass('_prisma_migrations') AS name`)
  const { rows } =
    tables[0]?.name === null
      ? { rows: [] }
      : await client.query<BookkeepingRow>(
          `SELECT migration_name, checksum, finished_at FROM _prisma_migrations
           WHERE rolled_back_at IS NULL ORDER BY started_at`,
        )
  const finished = new Map(rows.filter((row) => row.finished_at).map((row) => [row.migration_name, row.checksum]))
  const known = new Set(migrations.map(({ name }) => name))
  return {
    applied: [...finished.keys()],
    pending: migrations.filter(({ name }) => !finished.has(name)).map(({ name }) => name),
    edited: migrations
      .filter(({ name, sql }) => finished.has(name) && finished.get(name) !== checksum(sql))
      .map(({ name }) => name),
    unknown: [...finished.keys()].filter((name) => !known.has(name)),
    unfinished: rows.filter((row) => !row.finished_at).map((row) => row.migration_name),
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectToFitDatabase(url)
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

function checksum(sql: string): string {
  return createHash('sha256').update(sql).digest('hex')
}

function describe(error: unknown, sql: string): string {
  if (!(error instanceof pg.DatabaseError)) return error instanceof Error ? error.message : String(error)
  const line = error.position ? ` (line ${sql.slice(0, Number(error.position)).split('\n').length})` : ''
  return [`${error.message}${line}`, error.detail, error.hint].filter(Boolean).join('; ')
}
