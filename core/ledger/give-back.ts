import type { Db } from '#core/db.ts'
import { sendKeptMessages } from '#core/kept-messages/send-kept-messages.ts'
import type { LedgerKind } from '#prisma'

export interface GiveBack {
  userId: bigint
  kind: LedgerKind
  /** What it is for; booked at most once per kind and reference. */
  ref: string
  /** Credits and seconds to give, none negative. */
  paid?: number
  bonus?: number
  passSeconds?: number
  contra: string
  actor: string
  reason?: string
}

export type GivenBack =
  /** `settled`: paid credits that went into paying debt. */
  { status: 'given'; balance: number; passUntil: Date | null; settled: number } | { status: 'duplicate' }

/**
 * Gives back what was taken before. Paid credits settle debt first; a pass goes on from its end, or from now. Messages
 * that waited for credits are owed their sending.
 * `duplicate` when the same kind and reference was booked before. Throws (check violation) for negative amounts.
 */
export async function giveBack(db: Db, giving: GiveBack): Promise<GivenBack> {
  const { userId, kind, ref, paid = 0, bonus = 0, passSeconds = 0, contra, actor, reason = null } = giving
  const rows = await db.$queryRaw<Omit<Extract<GivenBack, { status: 'given' }>, 'status'>[]>`
    SELECT balance, pass_until AS "passUntil", settled
    FROM give_back(
      ${userId}::bigint, ${kind}::ledger_kind, ${ref}::text, ${paid}::int, ${bonus}::int, ${passSeconds}::int,
      ${contra}::text, ${actor}::text, ${reason}::text)`
  const row = rows[0]
  if (!row) return { status: 'duplicate' }
  await sendKeptMessages(db, { userId })
  return { status: 'given', ...row }
}
