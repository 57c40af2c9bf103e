import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { expect, test } from './test.ts'

test('after all of this the ledger is sound, nothing was given up and nothing waits', async ({
  telegram,
  stripe,
  database,
}) => {
  await stripe.waitForIdleWebhooks()
  await telegram.waitUntilConfirmed()
  const count = async (sql: string) => (await database.query<{ count: number }>(sql)).rows[0]?.count
  await expect.poll(() => count(`SELECT count(*)::int AS count FROM outbox WHERE state <> 'dead'`)).toBe(0)
  await expect.poll(() => count('SELECT count(*)::int AS count FROM stripe_events WHERE processed_at IS NULL')).toBe(0)
  expect(await count(`SELECT count(*)::int AS count FROM outbox WHERE state = 'dead'`)).toBe(0)
  expect(await count('SELECT count(*)::int AS count FROM inbox WHERE dead_at IS NOT NULL')).toBe(0)
  expect(await count(`SELECT count(*)::int AS count FROM payments WHERE state = 'quarantined'`)).toBe(0)
  expect(await telegram.violations()).toEqual([])
  expect((await telegram.counters()).duplicateCopies).toEqual({})
  expect(await verifyLedger(database)).toEqual([])
  expect(await count('SELECT count(*)::int AS count FROM ledger_entries')).toBeGreaterThan(0)
})
