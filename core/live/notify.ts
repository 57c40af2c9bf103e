import type { Db } from '#core/db.ts'

/**
 * The channels over which the processes wake each other. A notification carries no truth, only "look again":
 * whoever listens also looks by itself from time to time.
 */
export const channels = {
  outbox: 'paydesk_outbox',
  settings: 'paydesk_settings',
  stripeEvents: 'paydesk_stripe_events',
  live: 'paydesk_live',
} as const

export type Channel = keyof typeof channels

/** Wakes the listeners of a channel when the surrounding transaction commits. */
export async function notify(db: Db, channel: Channel): Promise<void> {
  await db.$executeRaw`SELECT pg_notify(${channels[channel]}, '')`
}
