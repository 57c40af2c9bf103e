import type { Db } from '#core/db.ts'

export interface Balance {
  /** Credits, debt subtracted. */
  credits: number
  passUntil: Date | null
  /** What the balance was right after credits last came in: the full length of a bar. */
  fullCredits: number
}

/** What a user holds now; zero for somebody unknown. A pass that has ended counts as none. */
export async function readBalance(db: Db, { userId, now }: { userId: bigint; now: Date }): Promise<Balance> {
  const account = await db.account.findUnique({ where: { userId } })
  if (!account) return { credits: 0, passUntil: null, fullCredits: 0 }
  const lastIncome = await db.ledgerEntry.findFirst({
    where: { userId, amount: { gt: 0 } },
    orderBy: { version: 'desc' },
    select: { balanceAfter: true },
  })
  const credits = account.paid + account.bonus - account.debt
  return {
    credits,
    passUntil: account.passUntil && account.passUntil > now ? account.passUntil : null,
    fullCredits: Math.max(lastIncome?.balanceAfter ?? 0, credits),
  }
}
