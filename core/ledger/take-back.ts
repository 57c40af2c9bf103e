import type { Db } from '#core/db.ts'
import type { LedgerKind } from '#prisma'

export interface TakeBack {
  userId: bigint
  kind: LedgerKind
  /** What it is for; booked at most once per kind and reference. */
  ref: string
  /** Credits and seconds to take, none negative. */
  paid?: number
  bonus?: number
  passSeconds?: number
  /** Whether paid credits that were spent already are owed from now on. Bonus credits never are. */
  owes: boolean
  contra: string
  actor: string
  reason?: string
}

export type TakenBack =
  | {
      status: 'taken'
      balance: number
      passUntil: Date | null
      takenPaid: number
      takenBonus: number
      /** Paid credits that were spent already and are debt now. */
      owed: number
    }
  | { status: 'duplicate' }

/**
 * Takes back what was granted, as far as it is unspent; the rest of the paid credits becomes debt if `owes`.
 * `duplicate` when the same kind and reference was booked before. Throws (check violation) for negative amounts.
 */
export async function takeBack(db: Db, taking: TakeBack): Promise<TakenBack> {
  const { userId, kind, ref, paid = 0, bonus = 0, passSeconds = 0, owes, contra, actor, reason = null } = taking
  const rows = await db.$queryRaw<Omit<Extract<TakenBack, { status: 'taken' }>, 'status'>[]>`
    SELECT balance, pass_until AS "passUntil", taken_paid AS "takenPaid", taken_bonus AS "takenBonus", owed
    FROM take_back(
      ${userId}::bigint, ${kind}::ledger_kind, ${ref}::text, ${paid}::int, ${bonus}::int, ${passSeconds}::int,
      ${owes}::boolean, ${contra}::text, ${actor}::text, ${reason}::text)`
  const row = rows[0]
  return row ? { status: 'taken', ...row } : { status: 'duplicate' }
}
