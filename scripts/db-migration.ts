/** `npm run db:migration <name>`: drafts a migration from the committed schema to the working one. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { diffBetween, diffFromEmpty } from '../prisma/diff.ts'
import { readMigrations } from '../prisma/migrate.ts'
import { MIGRATIONS_DIR, ROOT, SCHEMA_FILE } from './project.ts'

const name = process.argv[2]
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  console.error('Usage: npm run db:migration <name>, where the name is in lower_case_with_underscores')
  process.exit(1)
}

mkdirSync(MIGRATIONS_DIR, { recursive: true })
const schema = readFileSync(SCHEMA_FILE, 'utf8')
const isFirst = (await readMigrations(MIGRATIONS_DIR)).length === 0
const sql = isFirst ? await diffFromEmpty(schema) : await diffBetween(committedSchema(), schema)

const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
const directory = join(MIGRATIONS_DIR, `${stamp}_${name}`)
mkdirSync(directory)
writeFileSync(join(directory, 'migration.sql'), sql)
writeFileSync(join(MIGRATIONS_DIR, 'migration_lock.toml'), 'provider = "postgresql"\n')
console.log(
  `Wrote ${relative(ROOT, join(directory, 'migration.sql'))}. Read it, edit it by hand, commit it with the schema.`,
)

function committedSchema(): string {
  return execFileSync('git', ['show', 'HEAD:prisma/schema.prisma'], { cwd: ROOT, encoding: 'utf8' })
}
