import type { Db } from '#core/db.ts'
import { sendKeptMessages } from '#core/kept-messages/send-kept-messages.ts'
import type { LedgerKind } from '#prisma'

export interface Movement {
  userId: bigint
  kind: LedgerKind
  /** What it is for; booked at most once per kind and reference. */
  ref: string
  /** Credits; negative to take away. What a `purchase` brings pays the user's debt first. */
  paidDelta?: number
  bonusDelta?: number
  /** When the bonus credits end; left out, they stay for ever. */
  bonusExpiresAt?: Date | null
  /** Seconds of pass to add. */
  passSeconds?: number
  /** The other side of the double entry: `sales`, `promotions`, `corrections` … */
  contra: string
  /** Who caused it: `user`, `stripe`, `team:<id>`, `system`. */
  actor: string
  reason?: string
}

export type Posted =
  | {
      status: 'posted'
      entryId: bigint
      balance: number
      passUntil: Date | null
      /** Credits of a purchase that went into paying debt. */
      settled: number
    }
  | { status: 'duplicate' }

/**
 * Books one movement of credits or pass time and returns the balance after it (credits, debt subtracted).
 * `duplicate` when the same kind and reference was booked before, however many ask at once. What comes in also owes the
 * sending of messages that waited for it.
 * Throws (check violation) when a balance would fall below zero. Call it inside a transaction when something comes in.
 */
export async function postEntry(db: Db, movement: Movement): Promise<Posted> {
  const { userId, kind, ref, paidDelta = 0, bonusDelta = 0, passSeconds = 0, contra, actor, reason = null } = movement
  const rows = await db.$queryRaw<{ entry_id: bigint; balance: number; pass_until: Date | null; settled: number }[]>`
    SELECT entry_id, balance, pass_until, settled FROM post_entry(
      ${userId}::bigint, ${kind}::ledger_kind, ${ref}::text, ${paidDelta}::int, ${bonusDelta}::int, ${passSeconds}::int,
      ${contra}::text, ${actor}::text, ${reason}::text)`
  const row = rows[0]
  if (!row) return { status: 'duplicate' }
  const { bonusExpiresAt } = movement
  if (bonusExpiresAt && bonusDelta > 0) {
    await db.bonusLot.create({
      data: { entryId: row.entry_id, userId, granted: bonusDelta, expiresAt: bonusExpiresAt },
    })
  }
  if (paidDelta > 0 || bonusDelta > 0 || passSeconds > 0) await sendKeptMessages(db, { userId })
  const { entry_id: entryId, balance, pass_until: passUntil, settled } = row
  return { status: 'posted', entryId, balance, passUntil, settled }
}
