import type { Prisma } from '#prisma'

export interface HeldAccount {
  paid: number
  bonus: number
  /** Credits, debt subtracted. */
  balance: number
  /** Whole seconds of the pass that are left now. */
  passSeconds: number
}

/** Reads what a user holds and keeps it so until the transaction ends. Nothing for somebody without an account. */
export async function lockAccount(tx: Prisma.TransactionClient, { userId }: { userId: bigint }): Promise<HeldAccount> {
  const rows = await tx.$queryRaw<HeldAccount[]>`
    SELECT paid, bonus, paid + bonus - debt AS balance,
           coalesce(floor(greatest(0, extract(epoch FROM pass_until - now()))), 0)::int AS "passSeconds"
    FROM accounts WHERE user_id = ${userId} FOR UPDATE`
  return rows[0] ?? { paid: 0, bonus: 0, balance: 0, passSeconds: 0 }
}
