import type { Logger } from 'pino'
import { runLoop } from '#bot/workers/run-loop.ts'
import { reconcileOrders } from '#core/payments/checkout/reconcile-orders.ts'
import {
  type ClaimedStripeEvent,
  claimStripeEvents,
  processStripeEvent,
} from '#core/payments/stripe-events/process-stripe-events.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { reconcileSubscriptions } from '#core/subscriptions/reconcile-subscriptions.ts'
import type { PrismaClient } from '#prisma'

interface WorkerDeps {
  db: PrismaClient
  rail: PaymentRail
  log: Logger
  now: () => Date
  /** How often to look without having been woken. */
  pollMs?: number
  reconcileMs?: number
}

export interface StripeEventsWorker {
  /** Look now: an event was stored. */
  wake: () => void
  /** Takes no more events and waits for those at hand. */
  stop: () => Promise<void>
}

/** Each event at hand waits for Stripe most of its time. */
const AT_ONCE = 32
/** A burst is claimed in a few statements; nobody sees that a grant comes so much later. */
const REST_MS = 20

/** Does what stored Stripe events ask for, and now and then asks Stripe about orders that no event spoke of. */
export function startStripeEventsWorker({
  db,
  rail,
  log,
  now,
  pollMs = 2_000,
  reconcileMs = 60_000,
}: WorkerDeps): StripeEventsWorker {
  const stopping = new AbortController()
  const atHand = new Set<Promise<void>>()
  /** Events may be due that were left for want of room. */
  let isMoreDue = false
  const common = { stopping: stopping.signal, log, what: 'payments' }
  const events = runLoop({ ...common, everyMs: pollMs, restMs: REST_MS, turn: takeDue })
  const orders = runLoop({ ...common, everyMs: reconcileMs, turn: reconcile })

  /** Starts what is due, as far as there is room; when something was left, each one that ends looks for the next. */
  async function takeDue(): Promise<void> {
    const room = AT_ONCE - atHand.size
    // Under load several are claimed by one statement.
    if (room < AT_ONCE / 2) {
      isMoreDue = true
      return
    }
    const claimed = await claimStripeEvents(db, { limit: room })
    isMoreDue = claimed.length === room
    for (const event of claimed) {
      const work = process(event)
        .catch((error: unknown) => log.error({ err: error, eventId: event.id }, 'a Stripe event was left half way'))
        .finally(() => {
          atHand.delete(work)
          if (isMoreDue) events.wake()
        })
      atHand.add(work)
    }
  }

  async function process(event: ClaimedStripeEvent): Promise<void> {
    const result = await processStripeEvent(db, { event, rail, now: now() })
    const facts = { eventId: event.id, type: event.type, attempts: event.attempts }
    if (result.status === 'processed') log.debug(facts, 'a Stripe event was processed')
    else log.warn({ ...facts, err: result.error, retryInSeconds: result.retryInSeconds }, 'a Stripe event failed')
  }

  async function reconcile(): Promise<void> {
    const result = await reconcileOrders(db, rail, { now: now() })
    await reconcileSubscriptions(db, rail, { now: now() })
    if (result.granted > 0) log.warn(result, 'orders were paid without a webhook having said so')
  }

  return {
    wake: events.wake,
    async stop() {
      stopping.abort()
      events.wake()
      orders.wake()
      await Promise.all([events.done, orders.done])
      await Promise.all(atHand)
    },
  }
}
