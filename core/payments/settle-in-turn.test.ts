import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Database, openDatabase } from '#core/db.ts'
import { settleInTurn } from '#core/payments/settle-in-turn.ts'
import { countBlockedOthers } from '#testing/connections.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

const LOCK = 42

let db: TestDatabase
let paydesk: Database
beforeEach(async () => {
  db = await createTestDatabase()
  paydesk = openDatabase({ connectionString: db.url, application_name: 'one process' }, () => undefined)
})
afterEach(async () => {
  await paydesk.close()
  await db.close()
})

test('thirty that wait for each other leave connections for everybody else, and come to their end', async () => {
  const holder = await db.pool.connect()
  await holder.query('SELECT pg_advisory_lock($1)', [LOCK])
  const settling = Array.from({ length: 30 }, (_, index) =>
    settleInTurn(paydesk.prisma, async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${LOCK}::bigint)`
      await tx.setting.create({ data: { key: `settled-${index}`, value: index, updatedBy: 'test' } })
    }),
  )
  await vi.waitFor(async () => expect(await countBlockedOthers(db.pool)).toBeGreaterThan(2))
  expect(await Promise.all([1, 2, 3, 4].map(() => paydesk.prisma.setting.count()))).toEqual([0, 0, 0, 0])
  expect(await countBlockedOthers(db.pool)).toBe(6)
  await holder.query('SELECT pg_advisory_unlock($1)', [LOCK])
  holder.release()
  await Promise.all(settling)
  expect(await paydesk.prisma.setting.count()).toBe(30)
})
