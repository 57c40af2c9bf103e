import { listBonusMovements } from '#core/ledger/list-bonus-movements.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { replayBonus } from '#core/ledger/replay-bonus.ts'
import { notify } from '#core/live/notify.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import type { BonusLot, Prisma, PrismaClient } from '#prisma'

type Tx = Prisma.TransactionClient

const USERS_AT_ONCE = 200

/**
 * Books the end of all bonus credits whose time is up: what is left of each lot leaves the account, once, and each user
 * gets one notice for all of theirs. Safe to run several times at once, and against spending. Returns how many lots
 * ended. One user's trouble does not keep the others' waiting; it is thrown at the end, as an AggregateError.
 */
export async function expireBonus(prisma: PrismaClient, { now }: { now: Date }): Promise<number> {
  const errors: unknown[] = []
  let ended = 0
  let after = 0n
  for (;;) {
    const users = await prisma.$queryRaw<{ userId: bigint }[]>`
      SELECT DISTINCT user_id AS "userId" FROM bonus_lots
      WHERE expired_at IS NULL AND expires_at <= ${now} AND user_id > ${after} ORDER BY user_id LIMIT ${USERS_AT_ONCE}`
    for (const { userId } of users) {
      after = userId
      try {
        ended += await prisma.$transaction((tx) => expireLotsOf(tx, { userId, now }))
      } catch (error) {
        errors.push(error)
      }
    }
    if (users.length < USERS_AT_ONCE) break
  }
  if (errors.length > 0) throw new AggregateError(errors, 'Bonus credits of some users could not be ended')
  return ended
}

/** The account is locked first, so that what is left stays left until its end is booked. */
async function expireLotsOf(tx: Tx, { userId, now }: { userId: bigint; now: Date }): Promise<number> {
  await tx.$executeRaw`SELECT 1 FROM accounts WHERE user_id = ${userId} FOR UPDATE`
  const due = await tx.bonusLot.findMany({
    where: { userId, expiredAt: null, expiresAt: { lte: now } },
    orderBy: [{ expiresAt: 'asc' }, { entryId: 'asc' }],
  })
  if (due.length === 0) return 0
  const { lots } = replayBonus(await listBonusMovements(tx, { userId }))
  const leftOf = new Map(lots.map(({ entryId, left }) => [entryId, left]))
  let credits = 0
  let balance = 0
  for (const lot of due) {
    const left = leftOf.get(lot.entryId) ?? 0
    balance = await bookEnd(tx, lot, left)
    credits += left
  }
  await tx.bonusLot.updateMany({ where: { entryId: { in: due.map((lot) => lot.entryId) } }, data: { expiredAt: now } })
  if (credits > 0) await tell(tx, { userId, credits, balance })
  return due.length
}

/** Also when nothing is left: the entry is what says that the lot has ended. */
async function bookEnd(tx: Tx, { entryId, userId }: BonusLot, left: number): Promise<number> {
  const posted = await postEntry(tx, {
    userId,
    kind: 'expiry',
    ref: `lot:${entryId}`,
    bonusDelta: 0 - left,
    contra: 'promotions',
    actor: 'system',
  })
  if (posted.status === 'duplicate') throw new Error(`The end of lot ${entryId} is in the ledger, but the lot is open`)
  return posted.balance
}

async function tell(tx: Tx, told: { userId: bigint; credits: number; balance: number }): Promise<void> {
  const { userId, ...args } = told
  const user = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { bannedAt: true, blockedAt: true } })
  if (!user.bannedAt && !user.blockedAt) await enqueueNotice(tx, { userId, text: 'notice-bonus-ended', args })
  await notify(tx, 'live')
}
