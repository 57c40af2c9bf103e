import type { Db } from '#core/db.ts'
import type { BonusMovement } from '#core/ledger/replay-bonus.ts'

/** All movements of a user's bonus credits, oldest first. Lock the account before, where they must not change. */
export async function listBonusMovements(db: Db, { userId }: { userId: bigint }): Promise<BonusMovement[]> {
  return db.$queryRaw<BonusMovement[]>`
    SELECT e.id AS "entryId", e.kind::text AS kind, e.ref, e.bonus_delta AS "bonusDelta", l.expires_at AS "expiresAt"
    FROM ledger_entries e LEFT JOIN bonus_lots l ON l.entry_id = e.id
    WHERE e.user_id = ${userId} AND (e.bonus_delta <> 0 OR e.kind = 'expiry') ORDER BY e.version`
}
