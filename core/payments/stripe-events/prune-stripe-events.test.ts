import { afterEach, beforeEach, expect, test } from 'vitest'
import { pruneStripeEvents } from '#core/payments/stripe-events/prune-stripe-events.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

let db: TestDatabase
beforeEach(async () => {
  db = await createTestDatabase()
})
afterEach(() => db.close())

async function event(id: string, daysAgo: number, isProcessed: boolean) {
  const receivedAt = new Date(Date.now() - daysAgo * 24 * 3_600_000)
  const processedAt = isProcessed ? receivedAt : null
  const common = { type: 'invoice.paid', livemode: false, payload: {}, createdAt: receivedAt }
  await db.prisma.stripeEvent.create({ data: { ...common, id, receivedAt, processedAt } })
}

test('events that were dealt with go after three months, the others stay', async () => {
  await event('old', 91, true)
  await event('older', 100, true)
  await event('old and open', 91, false)
  await event('known', 89, true)
  expect(await pruneStripeEvents(db.pool, { limit: 1 })).toBe(1)
  expect(await pruneStripeEvents(db.pool, { limit: 10 })).toBe(1)
  expect(await pruneStripeEvents(db.pool, { limit: 10 })).toBe(0)
  const left = await db.prisma.stripeEvent.findMany({ orderBy: { id: 'asc' } })
  expect(left.map(({ id }) => id)).toEqual(['known', 'old and open'])
})
