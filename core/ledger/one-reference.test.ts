import { afterEach, beforeEach, expect, test } from 'vitest'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { until } from '#testing/outbox/stage.ts'

let db: TestDatabase

beforeEach(async () => {
  db = await createTestDatabase()
})
afterEach(async () => {
  await db.close()
})

const POST = `SELECT * FROM post_entry($1, 'gift', 'one-reference', 10, 0, 0, 'promotions', 'system', NULL)`

test('one reference is never booked for two users, not even at the same moment', async () => {
  await db.pool.query(`INSERT INTO users (id, first_name) VALUES (1, 'Ann'), (2, 'Ben')`)
  const first = await db.pool.connect()
  try {
    await first.query('BEGIN')
    await first.query(POST, [1])
    let isSettled = false
    const second = db.pool.query(POST, [2]).then(
      () => 'booked',
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    )
    void second.finally(() => {
      isSettled = true
    })
    await until(async () => isSettled || (await countBlocked()) > 0)
    await first.query('COMMIT')
    expect(await second).toBe('23505')
  } finally {
    first.release()
  }
  const { rows } = await db.pool.query(`SELECT user_id FROM ledger_entries WHERE ref = 'one-reference'`)
  expect(rows).toEqual([{ user_id: '1' }])
  expect(await verifyLedger(db.pool)).toEqual([])
})

async function countBlocked(): Promise<number> {
  const { rows } = await db.pool.query(
    `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  )
  return rows.length
}
