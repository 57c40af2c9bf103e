import pLimit, { type LimitFunction } from 'p-limit'
import { transactThenNotify } from '#core/live/notify.ts'
import type { Prisma, PrismaClient } from '#prisma'

/** Bursts of grants queue for connections and row locks; better late than rolled back. */
const PATIENCE = { maxWait: 10_000, timeout: 15_000 } as const
/** Of the ten connections that a process has. */
const MOST_AT_ONCE = 6

const turnstiles = new WeakMap<PrismaClient, LimitFunction>()

/**
 * A transaction that brings our books in line with a rail's. Only some go on at once in a process, the others wait
 * without a connection: what is told of one payment comes in bursts and waits for itself, and those who write to the
 * team shall not wait with it. Notifications are sent after the commit.
 */
export function settleInTurn<T>(db: PrismaClient, run: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T> {
  const turnstile = turnstiles.get(db) ?? pLimit(MOST_AT_ONCE)
  turnstiles.set(db, turnstile)
  return transactThenNotify(db, run, { ...PATIENCE, inTurn: turnstile })
}
