import type { Sql } from '#core/db.ts'
import { type BonusMovement, replayBonus } from '#core/ledger/replay-bonus.ts'
import type { LedgerKind } from '#prisma'

const USERS_AT_ONCE = 500

interface Row {
  user_id: string
  id: string
  kind: LedgerKind
  ref: string
  bonus_delta: number
  expires_at: Date | null
}

/**
 * The lots of bonus credits whose end took another number than was left of them, and the users of whose bonus more was
 * taken than there was; told by replaying all movements of everybody who ever had such credits.
 */
export async function findWrongLots(sql: Sql): Promise<Record<string, unknown>[]> {
  const wrong: Record<string, unknown>[] = []
  let after = '0'
  for (;;) {
    const { rows: users } = await sql.query<{ user_id: string }>(
      'SELECT DISTINCT user_id FROM bonus_lots WHERE user_id > $1 ORDER BY user_id LIMIT $2',
      [after, USERS_AT_ONCE],
    )
    const last = users.at(-1)
    if (!last) return wrong
    after = last.user_id
    for (const [userId, movements] of await readMovements(sql, users)) wrong.push(...judge(userId, movements))
  }
}

async function readMovements(sql: Sql, users: { user_id: string }[]): Promise<Map<string, BonusMovement[]>> {
  const { rows } = await sql.query<Row>(
    `SELECT e.user_id, e.id, e.kind, e.ref, e.bonus_delta, l.expires_at
     FROM ledger_entries e LEFT JOIN bonus_lots l ON l.entry_id = e.id
     WHERE e.user_id = ANY ($1) AND (e.bonus_delta <> 0 OR e.kind = 'expiry') ORDER BY e.user_id, e.version`,
    [users.map(({ user_id: userId }) => userId)],
  )
  const byUser = new Map<string, BonusMovement[]>()
  for (const { user_id: userId, id, kind, ref, bonus_delta: bonusDelta, expires_at: expiresAt } of rows) {
    const movements = byUser.get(userId) ?? []
    movements.push({ entryId: BigInt(id), kind, ref, bonusDelta, expiresAt })
    byUser.set(userId, movements)
  }
  return byUser
}

function judge(userId: string, movements: BonusMovement[]): Record<string, unknown>[] {
  try {
    return replayBonus(movements)
      .ended.filter(({ left, booked }) => left !== booked)
      .map((lot) => ({ user_id: userId, entry_id: String(lot.entryId), left: lot.left, ended: lot.booked }))
  } catch (error) {
    return [{ user_id: userId, problem: error instanceof Error ? error.message : String(error) }]
  }
}
