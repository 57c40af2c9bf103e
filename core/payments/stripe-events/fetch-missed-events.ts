import { raiseAlert, resolveAlert } from '#core/alerts/raise-alert.ts'
import { moveBookmark, readBookmark } from '#core/bookmark.ts'
import type { Database } from '#core/db.ts'
import { DAY_MS } from '#core/durations.ts'
import {
  type ReceivedStripeEvent,
  recordStripeEvent,
  stripeEventSchema,
} from '#core/payments/stripe-events/record-stripe-event.ts'
import { stripeEventHandlers } from '#core/payments/stripe-events/stripe-event-handlers.ts'
import { type PaymentRail, RailUnavailableError } from '#core/rails/payment-rail.ts'
import type { PrismaClient } from '#prisma'

const BOOKMARK = 'stripe-events'
const ALERT = 'stripe-webhook'
const BATCH = 100
/** Stripe lists an event a little after the time it carries, so the last stretch is read twice. */
const OVERLAP_MS = 2 * 60_000
/** Younger events may still be on their way. */
const ON_ITS_WAY_MS = 2 * 60_000
/** How far back the first reading goes: as long as Stripe itself keeps trying to deliver. */
const FIRST_READING_MS = 3 * DAY_MS
/** Stripe keeps events for thirty days. */
const KEPT_MS = 30 * DAY_MS

/**
 * Asks Stripe for the events since the last time, and keeps those whose webhook never arrived as if it had. A reading
 * that is cut short counts for nothing and begins anew at the same place. Returns how many had been missed. Those that
 * have an effect and should have been here by now are told of, until one is there by itself.
 */
export async function fetchMissedEvents(
  database: Pick<Database, 'prisma' | 'pool'>,
  rail: PaymentRail,
  { now }: { now: Date },
): Promise<{ status: 'read'; missed: number } | { status: 'cut_short'; missed: number }> {
  const bookmark = await readBookmark(database.prisma, BOOKMARK)
  const from = bookmark ? bookmark.getTime() - OVERLAP_MS : now.getTime() - FIRST_READING_MS
  const createdFrom = new Date(Math.max(from, now.getTime() - KEPT_MS))
  const heard = { missed: 0, late: 0, arrived: 0 }
  const keep = async (batch: readonly ReceivedStripeEvent[]) => {
    const missed = await keepMissing(database, batch)
    heard.missed += missed.size
    if (!bookmark) return
    for (const event of batch) {
      const createdMs = event.created * 1000
      if (!(event.type in stripeEventHandlers) || createdMs <= bookmark.getTime()) continue
      if (!missed.has(event.id)) heard.arrived += 1
      else if (createdMs < now.getTime() - ON_ITS_WAY_MS) heard.late += 1
    }
  }
  try {
    let batch: ReceivedStripeEvent[] = []
    for await (const event of rail.books.listEvents({ createdFrom })) {
      const parsed = stripeEventSchema.safeParse(event)
      if (!parsed.success) throw new RailUnavailableError('Stripe listed something that is no event')
      batch.push(parsed.data)
      if (batch.length < BATCH) continue
      await keep(batch)
      batch = []
    }
    await keep(batch)
  } catch (error) {
    if (!(error instanceof RailUnavailableError)) throw error
    return { status: 'cut_short', missed: heard.missed }
  }
  await moveBookmark(database.prisma, { name: BOOKMARK, at: now })
  await judgeWebhook(database.prisma, heard)
  return { status: 'read', missed: heard.missed }
}

async function judgeWebhook(db: PrismaClient, { late, arrived }: { late: number; arrived: number }): Promise<void> {
  if (late > 0) {
    await raiseAlert(db, {
      key: ALERT,
      severity: 'warning',
      title: 'Stripe’s events do not arrive',
      detail: `${late} had to be asked for, so buyers waited some minutes. Look at the webhook endpoint in the Stripe dashboard: its address is PUBLIC_URL/api/stripe/webhook, its signing secret STRIPE_WEBHOOK_SECRET.`,
    })
  } else if (arrived > 0) await resolveAlert(db, { key: ALERT })
}

/** Nearly all of them are known, so one look tells which are not. Answers with the ids of those. */
async function keepMissing(
  { prisma: db, pool }: Pick<Database, 'prisma' | 'pool'>,
  events: readonly ReceivedStripeEvent[],
): Promise<ReadonlySet<string>> {
  const ids = events.map(({ id }) => id)
  const known = new Set(
    (await db.stripeEvent.findMany({ where: { id: { in: ids } }, select: { id: true } })).map(({ id }) => id),
  )
  const missed = new Set<string>()
  for (const event of events) {
    if (known.has(event.id)) continue
    if ((await recordStripeEvent(pool, event)).status === 'stored') missed.add(event.id)
  }
  return missed
}
