import { moveBookmark, readBookmark } from '#core/bookmark.ts'
import { DAY_MS, HOUR_MS } from '#core/durations.ts'
import { resumeRefundRequests } from '#core/payments/refunds/refund-requests.ts'
import { carryOutStarsRefund } from '#core/payments/stars/carry-out-stars-refund.ts'
import { settleStarsPayment } from '#core/payments/stars/settle-stars-payment.ts'
import { settleStarsRefund } from '#core/payments/stars/settle-stars-refund.ts'
import type { StarsRail, StarsTransaction } from '#core/rails/stars/stars-rail.ts'
import { registerUser } from '#core/users/register-user.ts'
import type { PrismaClient } from '#prisma'

const BOOKMARK = 'stars-transactions'
/** Telegram keeps what it has to tell a bot for a day; whoever was away longer learns of it here. */
const FIRST_READING_MS = 7 * DAY_MS
/** Read again each time, because clocks differ and a list may be late. */
const OVERLAP_MS = HOUR_MS

/**
 * Reads from Telegram's own list what moved since the last time, and books what nobody told us. Returns how many payments
 * and refunds that were. Throws RailUnavailableError when Telegram does not answer; then the next time begins here again.
 */
export async function reconcileStars(
  db: PrismaClient,
  rail: Pick<StarsRail, 'listTransactionsSince'>,
  { now }: { now: Date },
): Promise<{ payments: number; refunds: number }> {
  const bookmark = await readBookmark(db, BOOKMARK)
  const since = new Date(bookmark ? bookmark.getTime() - OVERLAP_MS : now.getTime() - FIRST_READING_MS)
  const news = { payments: 0, refunds: 0 }
  for await (const moved of rail.listTransactionsSince(since)) {
    if (moved.direction === 'out') {
      const settled = await settleStarsRefund(db, { chargeId: moved.chargeId, now })
      if (settled.status === 'booked') news.refunds += 1
    } else if (await settleMissed(db, moved, now)) news.payments += 1
  }
  await moveBookmark(db, { name: BOOKMARK, at: now })
  return news
}

async function settleMissed(db: PrismaClient, moved: StarsTransaction, now: Date): Promise<boolean> {
  const { chargeId, amountStars, payer, payload, periodSeconds, at } = moved
  if (await db.payment.findUnique({ where: { starsChargeId: chargeId }, select: { id: true } })) return false
  const userId = BigInt(payer.id)
  await registerUser(db, { ...payer, id: userId })
  const monthEndsAt = periodSeconds === null ? null : new Date(at.getTime() + periodSeconds * 1000)
  const payment = { chargeId, userId, amountStars, currency: 'XTR', payload, monthEndsAt }
  const settled = await settleStarsPayment(db, { payment, now })
  return settled.status !== 'settled_before'
}

/** Younger requests are still in the hands of whoever asked. */
const LEFT_ALONE_SECONDS = 30

/**
 * Goes on with refunds in Stars whose fate is unknown, and with those that were only written down. Each is taken by one
 * process at a time. Returns how many came to an end.
 */
export async function reconcileStarsRefunds(
  db: PrismaClient,
  rail: StarsRail,
  { now, leftAloneSeconds = LEFT_ALONE_SECONDS, limit = 20 }: { now: Date; leftAloneSeconds?: number; limit?: number },
): Promise<number> {
  const which = { rail: 'stars', leftAloneSeconds, limit } as const
  const { ended } = await resumeRefundRequests(db, which, (requestId) =>
    carryOutStarsRefund(db, rail, { requestId, now }),
  )
  return ended
}
