import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from '#prisma'
import { databaseUrl } from '../scripts/embedded-postgres.ts'
import { runOn } from './server.ts'

/** The name under which a test's own connections are known to the server. */
export const TEST_APPLICATION = 'paydesk test'

const CONNECTIONS_CLOSE_WITHIN_MS = 2_000

export interface TestDatabase {
  url: string
  pool: pg.Pool
  prisma: PrismaClient
  /** Drops the database. Throws, so that the test fails, when the code under test left a connection behind. */
  close(): Promise<void>
}

const open = new Set<string>()

/** A database of the test's own: a clone of the migrated template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { TEST_ADMIN_URL: adminUrl, TEST_TEMPLATE: template } = process.env
  if (!adminUrl || !template) throw new Error('No test server: call startTestServer() in the global set-up.')
  const name = `paydesk_test_${randomBytes(8).toString('hex')}`
  // Copied as files: what goes through the write-ahead log instead fills it with ten megabytes for each.
  await runOn(adminUrl, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`)
  open.add(name)
  const url = databaseUrl(adminUrl, name)
  const pool = new pg.Pool({ connectionString: url, max: 20, application_name: TEST_APPLICATION })
  // A test that cuts connections on purpose must not die of the idle ones it cut.
  pool.on('error', () => undefined)
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
  const close = async () => {
    open.delete(name)
    await prisma.$disconnect()
    const unreleased = pool.totalCount - pool.idleCount
    try {
      if (unreleased > 0) throw new Error(`${unreleased} connection(s) were taken from the pool and not given back.`)
      await pool.end()
      await expectNoConnections(adminUrl, name)
    } finally {
      await runOn(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    }
  }
  return { url, pool, prisma, close }
}

/** Names of databases that were created since the last call and never closed. */
export function takeOpenDatabases(): string[] {
  const names = [...open]
  open.clear()
  return names
}

interface Leftover {
  application_name: string
  query: string
}

async function expectNoConnections(adminUrl: string, database: string): Promise<void> {
  const client = new pg.Client(adminUrl)
  await client.connect()
  try {
    const deadline = Date.now() + CONNECTIONS_CLOSE_WITHIN_MS
    for (;;) {
      const { rows } = await client.query<Leftover>(
        `SELECT application_name, query FROM pg_stat_activity
         WHERE datname = $1 AND backend_type = 'client backend'`,
        [database],
      )
      if (rows.length === 0) return
      if (Date.now() > deadline) {
        const list = rows.map((row) => `  ${row.application_name}: ${row.query}`).join('\n')
        throw new Error(`${rows.length} connection(s) to the test database were left open; the last queries:\n${list}`)
      }
      await delay(20)
    }
  } finally {
    await client.end()
  }
}
