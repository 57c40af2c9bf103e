import { setTimeout as delay } from 'node:timers/promises'
import type { Db } from '#core/db.ts'
import type { Prisma, PrismaClient } from '#prisma'

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

/** Bells of one process ring once for all that comes meanwhile; nobody sees that a page moves so much later. */
const RING_EVERY_MS = 25

/** What transactions of `transactThenNotify` will ring. */
const ringAfterCommit = new WeakMap<object, Set<Channel>>()

/** Wakes the listeners of a channel when the surrounding transaction has committed. */
export async function notify(db: Db, channel: Channel): Promise<void> {
  const waiting = ringAfterCommit.get(db)
  if (waiting) waiting.add(channel)
  else await db.$executeRaw`SELECT pg_notify(${channels[channel]}, '')`
}

/**
 * A transaction whose notifications are sent after it and not in it. A commit with one in it holds a lock of the whole
 * server until it is on disk, so transactions that come in bursts would wait for the disk one by one. A process that dies
 * in between wakes nobody, and the listeners look by themselves. `inTurn` may let the transaction wait for others; the
 * notifications are no part of its turn.
 */
export async function transactThenNotify<T>(
  db: PrismaClient,
  run: (tx: Prisma.TransactionClient) => Promise<T>,
  { inTurn, ...patience }: { maxWait: number; timeout: number; inTurn: (start: () => Promise<T>) => Promise<T> },
): Promise<T> {
  const rung = new Set<Channel>()
  const ringing = (tx: Prisma.TransactionClient) => {
    ringAfterCommit.set(tx, rung)
    return run(tx)
  }
  const result = await inTurn(() => db.$transaction(ringing, patience))
  if (rung.size > 0) await ring(db, rung)
  return result
}

interface Bell {
  due: Set<Channel>
  /** The statement under way, and some quiet after it. */
  present: Promise<void>
  /** The one after it, for all who come meanwhile. */
  next: Promise<void> | undefined
}

const bells = new WeakMap<PrismaClient, Bell>()

function ring(db: PrismaClient, rung: ReadonlySet<Channel>): Promise<void> {
  const bell = bells.get(db) ?? { due: new Set(), present: Promise.resolve(), next: undefined }
  bells.set(db, bell)
  for (const channel of rung) bell.due.add(channel)
  bell.next ??= bell.present.then(() => {
    const due = [...bell.due].map((channel) => channels[channel])
    bell.due.clear()
    bell.next = undefined
    const sent = send(db, due)
    bell.present = sent.then(() => delay(RING_EVERY_MS))
    return sent
  })
  return bell.next
}

async function send(db: PrismaClient, due: readonly string[]): Promise<void> {
  // What was committed is not undone because nobody could be told.
  await db.$executeRaw`SELECT pg_notify(channel, '') FROM unnest(${due}::text[]) AS channel`.catch(() => undefined)
}
