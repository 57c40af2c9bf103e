import { expect, onTestFinished, test } from 'vitest'
import { pruneOutbox } from '#core/outbox/prune-outbox.ts'
import { createTestDatabase } from '#testing/database.ts'

test('what was given up is forgotten after thirty days, a batch at a time; what is owed and bought content never', async () => {
  const db = await createTestDatabase()
  onTestFinished(() => db.close())
  const daysAgo = (days: number) => new Date(Date.now() - days * 24 * 3600_000)
  const row = (lane: string, days: number) =>
    ({ lane, purpose: 'notice', payload: {}, state: 'dead', createdAt: daysAgo(days) }) as const
  await db.prisma.outboxItem.createMany({
    data: [
      { ...row('bought', 400), purpose: 'content' },
      row('old', 31),
      row('older', 90),
      row('oldest', 400),
      { ...row('owed', 400), state: 'pending' },
      { ...row('being sent', 400), state: 'sending' },
      { ...row('perhaps sent', 400), state: 'unknown' },
      row('recent', 29),
    ],
  })
  expect(await pruneOutbox(db.pool, { limit: 2 })).toBe(2)
  expect(await pruneOutbox(db.pool, { limit: 2 })).toBe(1)
  const left = await db.prisma.outboxItem.findMany({ orderBy: { id: 'asc' } })
  expect(left.map(({ lane }) => lane)).toEqual(['bought', 'owed', 'being sent', 'perhaps sent', 'recent'])
})
