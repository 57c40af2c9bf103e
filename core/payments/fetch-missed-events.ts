import { moveBookmark, readBookmark } from '#core/bookmark.ts'
import type { Database } from '#core/db.ts'
import { type ReceivedStripeEvent, recordStripeEvent, stripeEventSchema } from '#core/payments/record-stripe-event.ts'
import { type PaymentRail, RailUnavailableError } from '#core/rails/payment-rail.ts'

const BOOKMARK = 'stripe-events'
const BATCH = 100
/** Stripe lists an event a little after the time it carries, so the last stretch is read twice. */
const OVERLAP_MS = 2 * 60_000
/** How far back the first reading goes: as long as Stripe itself keeps trying to deliver. */
const FIRST_READING_MS = 3 * 24 * 3_600_000
/** Stripe keeps events for thirty days. */
const KEPT_MS = 30 * 24 * 3_600_000

/**
 * Asks Stripe for the events since the last time, and keeps those whose webhook never arrived as if it had. A reading
 * that is cut short counts for nothing and begins anew at the same place. Returns how many had been missed.
 */
export async function fetchMissedEvents(
  database: Pick<Database, 'prisma' | 'pool'>,
  rail: PaymentRail,
  { now }: { now: Date },
): Promise<{ status: 'read'; missed: number } | { status: 'cut_short'; missed: number }> {
  const bookmark = await readBookmark(database.prisma, BOOKMARK)
  const from = bookmark ? bookmark.getTime() - OVERLAP_MS : now.getTime() - FIRST_READING_MS
  const createdFrom = new Date(Math.max(from, now.getTime() - KEPT_MS))
  let missed = 0
  try {
    let batch: ReceivedStripeEvent[] = []
    for await (const event of rail.books.listEvents({ createdFrom })) {
      const parsed = stripeEventSchema.safeParse(event)
      if (!parsed.success) throw new RailUnavailableError('Stripe listed something that is no event')
      batch.push(parsed.data)
      if (batch.length < BATCH) continue
      missed += await keepMissing(database, batch)
      batch = []
    }
    missed += await keepMissing(database, batch)
  } catch (error) {
    if (!(error instanceof RailUnavailableError)) throw error
    return { status: 'cut_short', missed }
  }
  await moveBookmark(database.prisma, { name: BOOKMARK, at: now })
  return { status: 'read', missed }
}

/** Nearly all of them are known, so one look tells which are not. */
async function keepMissing(
  { prisma: db, pool }: Pick<Database, 'prisma' | 'pool'>,
  events: ReceivedStripeEvent[],
): Promise<number> {
  const ids = events.map(({ id }) => id)
  const known = new Set(
    (await db.stripeEvent.findMany({ where: { id: { in: ids } }, select: { id: true } })).map(({ id }) => id),
  )
  let missed = 0
  for (const event of events) {
    if (known.has(event.id)) continue
    if ((await recordStripeEvent(pool, event)).status === 'stored') missed += 1
  }
  return missed
}
