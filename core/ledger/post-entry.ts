import type { Db } from '#core/db.ts'
import type { LedgerKind } from '#prisma'

export interface Movement {
  userId: bigint
  kind: LedgerKind
  /** What it is for; booked at most once per kind and reference. */
  ref: string
  /** Credits; negative to take away. */
  paidDelta?: number
  bonusDelta?: number
  /** Seconds of pass to add. */
  passSeconds?: number
  /** The other side of the double entry: `sales`, `promotions`, `corrections` … */
  contra: string
  /** Who caused it: `user`, `stripe`, `team:<id>`, `system`. */
  actor: string
  reason?: string
}

export type Posted = { status: 'posted'; balance: number; passUntil: Date | null } | { status: 'duplicate' }

/**
 * Books one movement of credits or pass time and returns the balance after it (credits, debt subtracted).
 * `duplicate` when the same kind and reference was booked before, however many ask at once.
 * Throws (check violation) when a balance would fall below zero.
 */
export async function postEntry(db: Db, movement: Movement): Promise<Posted> {
  const { userId, kind, ref, paidDelta = 0, bonusDelta = 0, passSeconds = 0, contra, actor, reason = null } = movement
  const rows = await db.$queryRaw<{ balance: number; pass_until: Date | null }[]>`
    SELECT balance, pass_until FROM post_entry(
      ${userId}::bigint, ${kind}::ledger_kind, ${ref}::text, ${paidDelta}::int, ${bonusDelta}::int, ${passSeconds}::int,
      ${contra}::text, ${actor}::text, ${reason}::text)`
  const row = rows[0]
  return row ? { status: 'posted', balance: row.balance, passUntil: row.pass_until } : { status: 'duplicate' }
}
