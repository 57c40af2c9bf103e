import type { Sql } from '#core/db.ts'

/**
 * Drops what waits for a user who cannot be reached: receipts and notices, not the team's answers, whose failure
 * somebody must be told. Rows that are being sent end by themselves.
 */
export async function quietenUser(sql: Sql, { userId }: { userId: string }): Promise<void> {
  await sql.query({
    text: `
      DELETE FROM outbox
      WHERE lane = 'chat:' || $1::text AND purpose IN ('receipt', 'notice') AND state IN ('pending', 'unknown')`,
    values: [userId],
  })
}
