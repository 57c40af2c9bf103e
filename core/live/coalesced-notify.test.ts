import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createCoalescedNotify } from '#core/live/coalesced-notify.ts'
import { listen } from '#core/live/listen.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

test('a thousand events at once are two notifications: the first, and one for all that came after it', async () => {
  const heard = vi.fn()
  const errors = vi.fn()
  const listener = listen({ connectionString: db.url, on: { live: heard }, onError: errors })
  await vi.waitFor(() => expect(heard, 'once when it begins to hear').toHaveBeenCalledTimes(1))
  heard.mockClear()
  const touch = createCoalescedNotify(db.pool, { channel: 'live', everyMs: 100, onError: errors })
  for (let count = 0; count < 1_000; count++) touch()
  await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2))
  touch()
  await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(3))
  expect(errors).not.toHaveBeenCalled()
  await listener.stop()
})
