import { raiseAlert, resolveAlert } from '#core/alerts/raise-alert.ts'
import { settleInTurn } from '#core/payments/settle-in-turn.ts'
import { stripeEventHandlers } from '#core/payments/stripe-events/stripe-event-handlers.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import type { PrismaClient } from '#prisma'

/** A claim that is not finished by then (its process died) is open to others. Longer than Stripe may take to answer. */
const LEASE_SECONDS = 60
const FIRST_RETRY_SECONDS = 1
const LONGEST_RETRY_SECONDS = 600
/** After so many failures a person should know; the retries go on. */
export const ATTEMPTS_BEFORE_ALERT = 5
const FAILING = 'stripe-events-failing'

export interface ClaimedStripeEvent {
  id: string
  type: string
  objectId: string | null
  attempts: number
}

/**
 * Takes up to `limit` events that nobody is working on, oldest first. Each is leased to the caller for a minute, so a
 * crash only delays it. Processing one twice is harmless, since it converges.
 */
export async function claimStripeEvents(db: PrismaClient, { limit }: { limit: number }): Promise<ClaimedStripeEvent[]> {
  return db.$queryRaw<ClaimedStripeEvent[]>`
    UPDATE stripe_events e SET attempts = e.attempts + 1, next_attempt_at = now() + make_interval(secs => ${LEASE_SECONDS})
    FROM (
      SELECT id FROM stripe_events
      WHERE processed_at IS NULL AND (next_attempt_at IS NULL OR next_attempt_at <= now())
      ORDER BY received_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ) due
    WHERE e.id = due.id
    RETURNING e.id, e.type, e.object_id AS "objectId", e.attempts`
}

export type ProcessedStripeEvent = { status: 'processed' } | { status: 'failed'; error: Error; retryInSeconds: number }

/**
 * Does what one claimed event asks for: looks at Stripe first, then writes the effect and the mark "processed" in one
 * transaction. There is no moment in which one is there without the other. A failure leaves the event open, to be tried
 * again with growing pauses, and tells the team when it keeps failing.
 */
export async function processStripeEvent(
  db: PrismaClient,
  { event, rail, now }: { event: ClaimedStripeEvent; rail: PaymentRail; now: Date },
): Promise<ProcessedStripeEvent> {
  try {
    const apply = await stripeEventHandlers[event.type]?.(event, { db, rail, now })
    await settleInTurn(db, async (tx) => {
      await apply?.(tx)
      await tx.$executeRaw`
        UPDATE stripe_events SET processed_at = ${now}, next_attempt_at = NULL, error = NULL
        WHERE id = ${event.id} AND processed_at IS NULL`
    })
    if (event.attempts > ATTEMPTS_BEFORE_ALERT) await resolveWhenNoneFails(db)
    return { status: 'processed' }
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause))
    return { status: 'failed', error, retryInSeconds: await postpone(db, event, error) }
  }
}

/** Asked after the commit: of several that succeed at once, the last sees that none is left. */
async function resolveWhenNoneFails(db: PrismaClient): Promise<void> {
  const failing = await db.stripeEvent.count({ where: { processedAt: null, attempts: { gte: ATTEMPTS_BEFORE_ALERT } } })
  if (failing === 0) await resolveAlert(db, { key: FAILING })
}

async function postpone(db: PrismaClient, event: ClaimedStripeEvent, error: Error): Promise<number> {
  const seconds = Math.min(FIRST_RETRY_SECONDS * 2 ** (event.attempts - 1), LONGEST_RETRY_SECONDS)
  await db.$executeRaw`
    UPDATE stripe_events SET error = ${error.message}, next_attempt_at = now() + make_interval(secs => ${seconds})
    WHERE id = ${event.id} AND processed_at IS NULL`
  if (event.attempts === ATTEMPTS_BEFORE_ALERT) {
    await raiseAlert(db, {
      key: FAILING,
      severity: 'urgent',
      title: 'Payment events cannot be processed',
      detail: `${event.type} (${event.id}) failed ${event.attempts} times and is tried again: ${error.message}`,
    })
  }
  return seconds
}
