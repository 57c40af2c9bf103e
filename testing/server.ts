import { randomBytes } from 'node:crypto'
import { access, constants, statfs } from 'node:fs/promises'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { applyMigrations, readMigrations } from '../prisma/migrate.ts'
import { databaseUrl, startEmbeddedPostgres } from '../scripts/embedded-postgres.ts'
import { MIGRATIONS_DIR } from '../scripts/project.ts'

/** Safe only because the whole cluster is thrown away. TEST_POSTGRES_DURABLE=1 keeps the real settings. */
const FAST_AND_FORGETFUL = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

/** Linux keeps files in here in memory. A database that is cloned there is there in a tenth of the time. */
const MEMORY_FOLDER = '/dev/shm'
/** What a run takes of it at most is a part of this. */
const MEMORY_NEEDED = 4 * 1024 ** 3

export interface TestServer {
  /** Where databases are created: any database of the server, with the right to create others. */
  adminUrl: string
  /** A migrated, empty database to clone. */
  template: string
  stop(): Promise<void>
}

/**
 * One PostgreSQL for a whole test run, with a migrated template in it. An embedded one of its own, or the server
 * named by TEST_DATABASE_URL, so that the suite can be run on any version.
 */
export async function startTestServer(): Promise<TestServer> {
  const server = await chooseServer()
  const template = `paydesk_template_${randomBytes(4).toString('hex')}`
  try {
    await runOn(server.adminUrl, `CREATE DATABASE ${template}`)
    await applyMigrations(databaseUrl(server.adminUrl, template), await readMigrations(MIGRATIONS_DIR))
  } catch (error) {
    await server.stop()
    throw error
  }
  const stop = async () => {
    await runOn(server.adminUrl, `DROP DATABASE IF EXISTS ${template} WITH (FORCE)`)
    await server.stop()
  }
  process.env.TEST_ADMIN_URL = server.adminUrl
  process.env.TEST_TEMPLATE = template
  return { adminUrl: server.adminUrl, template, stop }
}

/** One statement on a connection of its own. */
export async function runOn(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'paydesk test harness' })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

async function chooseServer(): Promise<{ adminUrl: string; stop(): Promise<void> }> {
  const given = process.env.TEST_DATABASE_URL
  if (given) return { adminUrl: given, stop: async () => undefined }
  const embedded = await startEmbeddedPostgres({
    dir: join(await chooseFolder(), `paydesk-test-${randomBytes(6).toString('hex')}`),
    auth: 'trust',
    ephemeral: true,
    postgresFlags: ['max_connections=300', ...(process.env.TEST_POSTGRES_DURABLE ? [] : FAST_AND_FORGETFUL)],
  })
  return { adminUrl: embedded.url, stop: () => embedded.stop() }
}

/** In memory where there is plenty of it; containers often have next to none there. */
async function chooseFolder(): Promise<string> {
  try {
    await access(MEMORY_FOLDER, constants.W_OK)
    const { bavail, bsize } = await statfs(MEMORY_FOLDER)
    if (Math.min(bavail * bsize, freemem()) > MEMORY_NEEDED) return MEMORY_FOLDER
  } catch {
    // There is no such folder on this system.
  }
  return tmpdir()
}
