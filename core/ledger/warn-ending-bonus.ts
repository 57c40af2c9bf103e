import { listBonusMovements } from '#core/ledger/list-bonus-movements.ts'
import { type Lot, replayBonus } from '#core/ledger/replay-bonus.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import type { Prisma, PrismaClient } from '#prisma'

type Tx = Prisma.TransactionClient

const USERS_AT_ONCE = 200

interface Horizon {
  /** How long before the end people are told; 0 for never. */
  days: number
  now: Date
}

/**
 * Tells everybody whose unspent bonus credits end within so many days, once per lot and in one notice. Lots that were
 * given for no longer than that are left out: whoever gave them has just said so. Returns how many were told.
 */
export async function warnEndingBonus(prisma: PrismaClient, { days, now }: Horizon): Promise<number> {
  if (days === 0) return 0
  let told = 0
  let after = 0n
  for (;;) {
    const users = await prisma.$queryRaw<{ userId: bigint }[]>`
      SELECT DISTINCT l.user_id AS "userId" FROM bonus_lots l JOIN users u ON u.id = l.user_id
      WHERE l.expired_at IS NULL AND l.warned_at IS NULL
        AND l.expires_at > ${now} AND l.expires_at <= ${now}::timestamptz + make_interval(days => ${days}::int)
        AND u.banned_at IS NULL AND u.blocked_at IS NULL AND l.user_id > ${after}
      ORDER BY 1 LIMIT ${USERS_AT_ONCE}`
    for (const { userId } of users) {
      after = userId
      if (await prisma.$transaction((tx) => warn(tx, userId, { days, now }))) told += 1
    }
    if (users.length < USERS_AT_ONCE) return told
  }
}

/** Whoever marks the lots tells of them; everybody else finds none left. */
async function warn(tx: Tx, userId: bigint, { days, now }: Horizon): Promise<boolean> {
  const marked = await tx.$queryRaw<{ entryId: bigint; isShort: boolean }[]>`
    UPDATE bonus_lots l SET warned_at = ${now} FROM ledger_entries e
    WHERE e.id = l.entry_id AND l.user_id = ${userId} AND l.expired_at IS NULL AND l.warned_at IS NULL
      AND l.expires_at > ${now} AND l.expires_at <= ${now}::timestamptz + make_interval(days => ${days}::int)
    RETURNING l.entry_id AS "entryId", e.created_at + make_interval(days => ${days}::int) >= l.expires_at AS "isShort"`
  const worthTelling = new Set(marked.filter(({ isShort }) => !isShort).map(({ entryId }) => entryId))
  if (worthTelling.size === 0) return false
  const { lots } = replayBonus(await listBonusMovements(tx, { userId }))
  const ending = lots.filter(({ entryId, left }) => left > 0 && worthTelling.has(entryId))
  const [first] = ending
  if (!first) return false
  await enqueueNotice(tx, { userId, text: 'notice-bonus-ending', args: noticeOf(first, ending) })
  return true
}

/** Moments are milliseconds since the epoch: the text decides how they are written. */
function noticeOf(first: Lot, ending: readonly Lot[]): Record<string, number> {
  const credits = ending.reduce((sum, { left }) => sum + left, 0)
  return { credits, until: first.expiresAt.getTime() }
}
