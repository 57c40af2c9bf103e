import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase } from '#testing/database.ts'
import { runOn } from '#testing/server.ts'
import { databaseUrl } from '../scripts/embedded-postgres.ts'
import { MIGRATIONS_DIR, SCHEMA_FILE } from '../scripts/project.ts'
import { describeCatalog } from './catalog.ts'
import { diffBetween, diffFromEmpty } from './diff.ts'
import { HANDWRITTEN } from './handwritten.ts'
import { applyMigrations, readMigrationStatus, readMigrations } from './migrate.ts'

const FIRST = { name: '1_first', sql: 'CREATE TABLE counted (at timestamptz); INSERT INTO counted VALUES (now());' }
const SECOND = {
  name: '2_second',
  sql: `CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END; $$;
        INSERT INTO counted VALUES (now());`,
}

let name: string
let url: string
let client: pg.Client

beforeEach(async () => {
  name = `paydesk_migrate_${randomBytes(6).toString('hex')}`
  await runOn(adminUrl(), `CREATE DATABASE ${name}`)
  url = databaseUrl(adminUrl(), name)
  client = new pg.Client(url)
  await client.connect()
})

afterEach(async () => {
  await client.end()
  await runOn(adminUrl(), `DROP DATABASE ${name} WITH (FORCE)`)
})

function adminUrl(): string {
  const { TEST_ADMIN_URL } = process.env
  if (!TEST_ADMIN_URL) throw new Error('the global set-up has not run')
  return TEST_ADMIN_URL
}

async function countOf(table: string): Promise<number> {
  const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)
  return rows[0]?.n ?? -1
}

test('each migration is applied once, in the order of the names, however often one asks', async () => {
  expect((await applyMigrations(url, [FIRST])).pending).toEqual(['1_first'])
  expect((await applyMigrations(url, [FIRST, SECOND])).pending).toEqual(['2_second'])
  expect((await applyMigrations(url, [FIRST, SECOND])).pending).toEqual([])
  expect(await countOf('counted')).toBe(2)
})

test('processes that migrate at the same time take turns', async () => {
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => applyMigrations(url, [FIRST, SECOND])))
  expect(outcomes.flatMap(({ pending }) => pending).sort()).toEqual(['1_first', '2_second'])
  expect(await countOf('counted')).toBe(2)
})

test('a failing file leaves nothing of itself behind and can be mended', async () => {
  const broken = { name: '3_broken', sql: 'CREATE TABLE half (id int);\nSELECT nonsense;' }
  await expect(applyMigrations(url, [FIRST, broken])).rejects.toThrow(/3_broken failed.*nonsense.*\(line 2\)/)
  const { rows } = await client.query(`SELECT to_regclass('half') AS half, to_regclass('counted') AS counted`)
  expect(rows).toEqual([{ half: null, counted: 'counted' }])
  const mended = { ...broken, sql: 'CREATE TABLE half (id int);' }
  expect((await applyMigrations(url, [FIRST, mended])).pending).toEqual(['3_broken'])
})

test('a file that ends its own transaction is not taken for applied', async () => {
  const sly = { name: '3_sly', sql: 'CREATE TABLE sly (id int); COMMIT;' }
  await expect(applyMigrations(url, [sly])).rejects.toThrow('take out its BEGIN, COMMIT or ROLLBACK')
  expect((await readMigrationStatus(url, [sly])).pending).toEqual(['3_sly'])
})

test('a file changed after it was applied, and one that is gone, are told', async () => {
  await applyMigrations(url, [FIRST, SECOND])
  const status = await readMigrationStatus(url, [{ ...FIRST, sql: 'SELECT 1' }])
  expect(status).toMatchObject({ edited: ['1_first'], unknown: ['2_second'], pending: [] })
})

test('what another tool began and did not finish is not passed over', async () => {
  await applyMigrations(url, [FIRST])
  await client.query(`INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'y', '2_second')`)
  await expect(applyMigrations(url, [FIRST, SECOND])).rejects.toThrow(/began 2_second and did not finish/)
})

test('a migrated database is what the schema says, apart from what was written by hand', async () => {
  const migrated = await createTestDatabase()
  await client.query(await diffFromEmpty(readFileSync(SCHEMA_FILE, 'utf8')))
  const [actual, wanted] = await Promise.all([describeCatalog(migrated.pool), describeCatalog(client)])
  await migrated.close()
  const names = new Set([...actual.keys(), ...wanted.keys()])
  const differences = [...names].filter((thing) => actual.get(thing) !== wanted.get(thing))
  expect(differences.sort()).toEqual([...HANDWRITTEN].sort())
})

test('the migrations in the repository are whole files, and there are some', async () => {
  const migrations = await readMigrations(MIGRATIONS_DIR)
  expect(migrations.length).toBeGreaterThan(0)
  for (const { sql } of migrations) expect(sql.trim()).not.toBe('')
  expect(readFileSync(join(MIGRATIONS_DIR, 'migration_lock.toml'), 'utf8')).toContain('postgresql')
})

test('a change of the schema is drafted as SQL without any database', async () => {
  const before = 'datasource db {\n  provider = "postgresql"\n}\n\nmodel Thing {\n  id Int @id\n}\n'
  const after = before.replace('id Int @id', 'id Int @id\n  label String?')
  expect(await diffBetween(before, after)).toContain('ALTER TABLE "Thing" ADD COLUMN     "label" TEXT')
  await expect(diffFromEmpty('model Thing {\n  nonsense\n}\n')).rejects.toThrow()
})
