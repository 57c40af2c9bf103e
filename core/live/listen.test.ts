import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { listen } from '#core/live/listen.ts'
import { notify, transactThenNotify } from '#core/live/notify.ts'
import type { Prisma } from '#prisma'
import { beginOutage } from '#testing/connections.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

test('a notification wakes its own channel only', async () => {
  const settings = vi.fn()
  const outbox = vi.fn()
  const listener = listen({ connectionString: db.url, on: { settings, outbox }, onError: () => undefined })
  await vi.waitFor(() => expect(outbox, 'once when it begins to hear').toHaveBeenCalledTimes(1))
  await notify(db.prisma, 'settings')
  await vi.waitFor(() => expect(settings).toHaveBeenCalledTimes(2))
  expect(outbox).toHaveBeenCalledTimes(1)
  await listener.stop()
})

test('a notification of a transaction that is rolled back is never heard', async () => {
  const live = vi.fn()
  const listener = listen({ connectionString: db.url, on: { live }, onError: () => undefined })
  await vi.waitFor(() => expect(live).toHaveBeenCalledTimes(1))
  const undone = db.prisma.$transaction(async (tx) => {
    await notify(tx, 'live')
    throw new Error('undo')
  })
  await expect(undone).rejects.toThrow('undo')
  await notify(db.prisma, 'live')
  await vi.waitFor(() => expect(live.mock.calls.length).toBeGreaterThan(1))
  expect(live).toHaveBeenCalledTimes(2)
  await listener.stop()
})

test('what a transaction says afterwards is heard once it has committed, and not at all if it has not', async () => {
  const seen: unknown[] = []
  const look = async () => seen.push((await db.prisma.setting.findUnique({ where: { key: 'x' } }))?.value)
  const listener = listen({ connectionString: db.url, on: { live: () => void look() }, onError: () => undefined })
  await vi.waitFor(() => expect(seen).toEqual([undefined]))
  const options = { maxWait: 2_000, timeout: 5_000, inTurn: <T>(start: () => Promise<T>) => start() }
  const undone = transactThenNotify(
    db.prisma,
    async (tx) => {
      await notify(tx, 'live')
      throw new Error('undo')
    },
    options,
  )
  await expect(undone).rejects.toThrow('undo')
  const write = async (tx: Prisma.TransactionClient) => {
    await notify(tx, 'live')
    await tx.setting.create({ data: { key: 'x', value: 'written', updatedBy: 'test' } })
    return 'done'
  }
  expect(await transactThenNotify(db.prisma, write, options)).toBe('done')
  await vi.waitFor(() => expect(seen).toEqual([undefined, 'written']))
  await listener.stop()
})

test('a broken connection comes back by itself and asks everybody to look again', async () => {
  const live = vi.fn()
  const errors: Error[] = []
  const listener = listen({ connectionString: db.url, on: { live }, onError: (error) => errors.push(error) })
  await vi.waitFor(() => expect(live).toHaveBeenCalledTimes(1))
  await db.pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'paydesk listen' AND datname = current_database()`)
  await vi.waitFor(() => expect(live).toHaveBeenCalledTimes(2), { timeout: 10_000 })
  await notify(db.prisma, 'live')
  await vi.waitFor(() => expect(live).toHaveBeenCalledTimes(3))
  expect(errors.length).toBeGreaterThan(0)
  await listener.stop()
})

test('a database that is away when it starts is heard as soon as it is there', async () => {
  const live = vi.fn()
  const errors: Error[] = []
  const outage = await beginOutage(db)
  const listener = listen({ connectionString: db.url, on: { live }, onError: (error) => errors.push(error) })
  await vi.waitFor(() => expect(errors.length).toBeGreaterThan(0), { timeout: 10_000 })
  await outage.end()
  await vi.waitFor(() => expect(live).toHaveBeenCalledTimes(1), { timeout: 10_000 })
  await listener.stop()
})
