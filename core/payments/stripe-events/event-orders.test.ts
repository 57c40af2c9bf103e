import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { processStripeEvent } from '#core/payments/stripe-events/process-stripe-events.ts'
import { recordStripeEvent, stripeEventSchema } from '#core/payments/stripe-events/record-stripe-event.ts'
import type { Order } from '#prisma'
import { eventually, newOrder, openShop, payOrder, processDueEvents, type Shop } from '#testing/payments/shop.ts'
import { spawnScript } from '#testing/script-process.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(async () => {
  expect(await verifyLedger(shop.database.pool)).toEqual([])
  await shop.close()
})

type End = 'won' | 'lost'

/** Everything that the world may do to one payment of five dollars, one thing after the other. */
const story = (sessionId: string, end: End) => [
  () => shop.world.refundPayment({ sessionId, amountMinor: 133 }),
  () => shop.world.refundPayment({ sessionId, amountMinor: 180 }),
  () => shop.world.createDispute({ sessionId }),
  async () => {
    const dispute = (await shop.world.listDisputes()).at(-1)
    if (dispute) await shop.world.closeDispute({ disputeId: dispute.id, outcome: end })
  },
]

/** The events that happened since, as they would be delivered. */
async function newEvents(known: ReadonlySet<string>) {
  return (await shop.world.listEvents())
    .filter(({ id }) => !known.has(id))
    .map((event) => stripeEventSchema.parse(event))
}

/** Works on a stored event at once, whether or not it was worked on before. */
async function work(event: { id: string; type: string; data: { object: { id?: string } } }): Promise<boolean> {
  const claimed = { id: event.id, type: event.type, objectId: event.data.object.id ?? null, attempts: 1 }
  return (
    (await processStripeEvent(shop.db, { event: claimed, rail: shop.rail, now: new Date() })).status === 'processed'
  )
}

async function booksOf({ userId }: Order) {
  const { db } = shop
  const account = await db.account.findUniqueOrThrow({ where: { userId } })
  const user = await db.user.findUniqueOrThrow({ where: { id: userId } })
  const [payment] = await db.payment.findMany({ where: { userId }, include: { refunds: true, disputes: true } })
  return {
    credits: [account.paid, account.bonus, account.debt],
    statistics: [user.spentMinor, user.purchases],
    money: payment?.refundedMinor,
    refunds: payment?.refunds.map(({ amountMinor }) => amountMinor).sort(),
    disputes: payment?.disputes.map(({ status }) => status),
    open: await db.stripeEvent.count({ where: { processedAt: null } }),
  }
}

/**
 * Plays the story. `pick` says, by numbers, which of the events that happened so far are delivered (again) between its
 * steps; in the end all are, in an order that it says too.
 */
async function play(end: End, pick: readonly number[]) {
  const known = new Set((await shop.world.listEvents()).map(({ id }) => id))
  const order = await newOrder(shop)
  const sessionId = await payOrder(shop, order)
  const deliver = async (numbers: readonly number[]) => {
    const events = await newEvents(known)
    for (const number of numbers) {
      const event = events[number % events.length]
      if (!event) continue
      await recordStripeEvent(shop.database.pool, event)
      await work(event)
    }
    return events.length
  }
  // The purchase is booked first where the number is even, and otherwise by whatever comes.
  if ((pick[0] ?? 0) % 2 === 0) await deliver([0, 1, 2, 3])
  for (const step of story(sessionId, end)) {
    await step()
    await deliver(pick.slice(0, 3))
  }
  const count = await deliver([])
  const all = Array.from({ length: count }, (_, index) => index)
  const rank = (index: number) => (pick[index % Math.max(1, pick.length)] ?? 0) * 31 + index * 17
  await deliver(all.toSorted((a, b) => (rank(a) % 23) - (rank(b) % 23)))
  return booksOf(order)
}

test.each([
  ['won', { credits: [4, 1, 0], statistics: [187n, 1], money: 313, disputes: ['won'] }],
  ['lost', { credits: [0, 0, 0], statistics: [0n, 0], money: 500, disputes: ['lost'] }],
] as const)(
  'events in any order, between the steps and again, end in the same books: a dispute that is %s',
  async (end, expected) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 6 }), async (pick) => {
        expect(await play(end, pick)).toEqual({ ...expected, refunds: [133, 180], open: 0 })
      }),
      { numRuns: 4 },
    )
  },
  180_000,
)

test('a worker that is killed again and again while Stripe dawdles leaves each refund booked once', async () => {
  const known = new Set((await shop.world.listEvents()).map(({ id }) => id))
  const order = await newOrder(shop)
  const sessionId = await payOrder(shop, order)
  await shop.world.refundPayment({ sessionId, amountMinor: 100 })
  await shop.world.refundPayment({ sessionId, amountMinor: 150 })
  for (const event of await newEvents(known)) await recordStripeEvent(shop.database.pool, event)
  await shop.world.addApiFault({ kind: 'slow', delayMs: 300, times: 200, method: 'GET' })
  for (let kills = 0; kills < 3; kills += 1) {
    const seen = (await shop.db.stripeEvent.aggregate({ _sum: { attempts: true } }))._sum.attempts ?? 0
    const worker = await spawnScript('testing/payments/process-events.ts', [shop.database.url, shop.stripeUrl])
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    await eventually(
      async () => (await shop.db.stripeEvent.aggregate({ _sum: { attempts: true } }))._sum.attempts ?? 0,
      (attempts) => attempts > seen,
      60_000,
    )
    worker.kill('SIGKILL')
    await ended
    // What the dead one had claimed is free again, as it is after its lease.
    await shop.db.stripeEvent.updateMany({ where: { processedAt: null }, data: { nextAttemptAt: null } })
  }
  await shop.world.clearApiFaults()
  await processDueEvents(shop)
  expect(await booksOf(order)).toEqual({
    credits: [5, 1, 0],
    statistics: [250n, 1],
    money: 250,
    refunds: [100, 150],
    disputes: [],
    open: 0,
  })
  expect(await shop.db.outboxItem.count({ where: { userId: order.userId, purpose: 'notice' } })).toBeLessThanOrEqual(3)
}, 180_000)
