import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { listen } from '#core/live/listen.ts'
import { notify } from '#core/live/notify.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

test('a notification wakes its own channel only', async () => {
  const settings = vi.fn()
  const outbox = vi.fn()
  const listener = await listen({ connectionString: db.url, on: { settings, outbox }, onError: () => undefined })
  await notify(db.prisma, 'settings')
  await vi.waitFor(() => expect(settings).toHaveBeenCalledTimes(1))
  expect(outbox).not.toHaveBeenCalled()
  await listener.stop()
})

test('a notification of a transaction that is rolled back is never heard', async () => {
  const live = vi.fn()
  const listener = await listen({ connectionString: db.url, on: { live }, onError: () => undefined })
  const undone = db.prisma.$transaction(async (tx) => {
    await notify(tx, 'live')
    throw new Error('undo')
  })
  await expect(undone).rejects.toThrow('undo')
  await notify(db.prisma, 'live')
  await vi.waitFor(() => expect(live).toHaveBeenCalled())
  expect(live).toHaveBeenCalledTimes(1)
  await listener.stop()
})

test('a broken connection comes back by itself and asks everybody to look again', async () => {
  const live = vi.fn()
  const errors: Error[] = []
  const listener = await listen({ connectionString: db.url, on: { live }, onError: (error) => errors.push(error) })
  await db.pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'paydesk listen' AND datname = current_database()`)
  await vi.waitFor(() => expect(live).toHaveBeenCalledTimes(1), { timeout: 10_000 })
  await notify(db.prisma, 'live')
  await vi.waitFor(() => expect(live).toHaveBeenCalledTimes(2))
  expect(errors.length).toBeGreaterThan(0)
  await listener.stop()
})
