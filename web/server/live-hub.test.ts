import { expect, test } from 'vitest'
import { createTestDatabase } from '#testing/database.ts'
import { createLiveHub, type LiveSignal } from '#web/server/live-hub.ts'

test('when the process is asked to stop, open pages are told and no new one is promised any news', async () => {
  const db = await createTestDatabase()
  const hub = createLiveHub({ connectionString: db.url, onError: (error) => expect.unreachable(error.message) })
  const heard: LiveSignal[] = []
  await new Promise<void>((resolve) => {
    hub.subscribe((signal) => {
      heard.push(signal)
      resolve()
    })
  })
  expect(hub.isOver).toBe(false)
  await hub.stop()
  expect(heard).toEqual(['changed', 'over'])
  expect(hub.isOver).toBe(true)
  await db.close()
})
