import { raiseAlert, resolveAlert } from '#core/alerts/raise-alert.ts'
import type { Database } from '#core/db.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'

const KEY = 'ledger'

/** Tells the team when the books do not add up, and closes that alert once they do again. */
export async function reportLedger({ prisma, pool }: Pick<Database, 'prisma' | 'pool'>): Promise<void> {
  const findings = await verifyLedger(pool)
  if (findings.length === 0) return resolveAlert(prisma, { key: KEY })
  const detail = findings.map((finding) => `${finding.rule}: ${finding.rows.length} rows`).join('\n')
  await raiseAlert(prisma, { key: KEY, severity: 'urgent', title: 'The ledger is broken', detail })
}
