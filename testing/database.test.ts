import pg from 'pg'
import { expect, test } from 'vitest'
import { databaseUrl } from '../scripts/embedded-postgres.ts'
import { takeConsoleErrors } from './console.ts'
import { createTestDatabase } from './database.ts'

test('two test databases share nothing', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()])
  await one.pool.query('CREATE TABLE only_here (id int)')
  const { rows } = await other.pool.query(`SELECT to_regclass('only_here') AS found`)
  expect(rows).toEqual([{ found: null }])
  await Promise.all([one.close(), other.close()])
})

test('the Prisma client works over the same pool', async () => {
  const db = await createTestDatabase()
  expect(await db.prisma.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }])
  await db.close()
})

test('a connection that is not given back to the pool fails the test', async () => {
  const db = await createTestDatabase()
  const taken = await db.pool.connect()
  taken.on('error', () => undefined)
  await expect(db.close()).rejects.toThrow('1 connection(s) were taken from the pool')
  taken.release()
  await db.pool.end()
})

test('a connection of its own that the code under test forgot fails the test', async () => {
  const db = await createTestDatabase()
  const forgotten = new pg.Client({ connectionString: db.url, application_name: 'forgetful' })
  forgotten.on('error', () => undefined)
  await forgotten.connect()
  await expect(db.close()).rejects.toThrow('forgetful')
})

test('a closed test database is gone', async () => {
  const db = await createTestDatabase()
  await db.close()
  const admin = new pg.Client(databaseUrl(db.url, 'postgres'))
  await admin.connect()
  const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [
    new URL(db.url).pathname.slice(1),
  ])
  await admin.end()
  expect(rowCount).toBe(0)
})

test('an error on the console is kept for the test to judge', () => {
  console.error('something %s', 'odd')
  expect(takeConsoleErrors()).toEqual(['something odd'])
})
