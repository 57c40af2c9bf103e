/** `npm run db:migrate`: brings the project's database up to date. `-- --status` only looks. */
import { applyMigrations, type MigrationStatus, readMigrationStatus, readMigrations } from '../prisma/migrate.ts'
import { openDatabase } from './database.ts'
import { loadDotEnv, MIGRATIONS_DIR } from './project.ts'

loadDotEnv()
const database = await openDatabase()
try {
  const migrations = await readMigrations(MIGRATIONS_DIR)
  if (process.argv.includes('--status')) {
    const status = await readMigrationStatus(database.url, migrations)
    console.log(`${status.applied.length} applied, ${status.pending.length} pending`)
    list('pending', status.pending)
    warn(status)
  } else {
    const status = await applyMigrations(database.url, migrations)
    list('applied', status.pending)
    if (status.pending.length === 0) console.log('Nothing to do: the database is up to date.')
    warn(status)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  await database.close()
}

function list(label: string, names: string[]): void {
  for (const name of names) console.log(`  ${label} ${name}`)
}

function warn({ edited, unknown, unfinished }: MigrationStatus): void {
  list('! changed after it was applied:', edited)
  list('! applied here, but no such file (is this code older than the database?):', unknown)
  list('! begun by another tool and never finished:', unfinished)
}
