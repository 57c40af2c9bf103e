import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCard } from '#core/topics/card-state.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

test('the card counts as spent what a user paid and was not given back', async () => {
  await db.prisma.user.create({ data: { id: 1n, firstName: 'Maria' } })
  const paid = { userId: 1n, livemode: false, state: 'granted' as const, currency: 'usd' }
  await db.prisma.payment.createMany({
    data: [
      { ...paid, sessionId: 'cs_1', amountMinor: 1000, refundedMinor: 400 },
      { ...paid, sessionId: 'cs_2', amountMinor: 250 },
      { ...paid, sessionId: 'cs_3', amountMinor: 500, currency: 'eur', refundedMinor: 500 },
      { ...paid, sessionId: 'cs_4', amountMinor: 9, state: 'quarantined' },
    ],
  })
  expect((await readCard(db.pool, { userId: '1' }))?.spent).toEqual([{ currency: 'usd', amountMinor: 850 }])
})
