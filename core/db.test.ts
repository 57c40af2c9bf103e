import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '#core/db.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

let server: TestDatabase
let database: Database
beforeEach(async () => {
  server = await createTestDatabase()
  database = openDatabase({ connectionString: server.url, max: 1 }, () => undefined)
})
afterEach(async () => {
  await database.close()
  await server.close()
})

async function countPrepared(): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM pg_prepared_statements',
  )
  return rows[0]?.count ?? Number.NaN
}

test('a statement is prepared once per connection, whatever its values', async () => {
  for (const key of ['one', 'two', 'three']) expect(await database.prisma.setting.count({ where: { key } })).toBe(0)
  expect(await countPrepared()).toBe(1)
})

test('statements that come without end are still answered, and the server keeps a bounded number of them', async () => {
  for (let count = 1; count <= 510; count++) {
    const key = { in: Array.from({ length: count }, (_, index) => `key-${index}`) }
    expect(await database.prisma.setting.count({ where: { key } })).toBe(0)
  }
  expect(await countPrepared()).toBe(500)
})

test('a moment is the same to Prisma and to plain SQL, whatever zone the database is set to', async () => {
  const { rows } = await server.pool.query<{ name: string }>('SELECT current_database() AS name')
  await server.pool.query(`ALTER DATABASE ${rows[0]?.name} SET timezone = 'Asia/Kolkata'`)
  const at = new Date('2026-11-22T10:00:00Z')
  await database.prisma.alert.create({
    data: { key: 'k', severity: 'warning', title: 't', detail: 'd', firstAt: at, lastAt: at },
  })
  const stored = await database.pool.query<{ at: Date }>('SELECT first_at AS at FROM alerts')
  expect(stored.rows[0]?.at).toEqual(at)
  await database.pool.query(`UPDATE alerts SET last_at = '2026-11-22T11:00:00Z'`)
  expect((await database.prisma.alert.findFirst())?.lastAt).toEqual(new Date('2026-11-22T11:00:00Z'))
})
