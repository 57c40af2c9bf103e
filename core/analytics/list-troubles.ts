import type { Db } from '#core/db.ts'
import type { Alert } from '#prisma'

export interface QuarantinedPayment {
  id: string
  amountMinor: number
  currency: string
  problem: string | null
  createdAt: Date
  userId: bigint | null
  firstName: string | null
  lastName: string | null
}

export interface Troubles {
  alerts: Alert[]
  quarantined: QuarantinedPayment[]
}

/** What a person must look at: open alerts, urgent ones first, and money that arrived but was not granted. */
export async function listTroubles(db: Db, { limit }: { limit: number }): Promise<Troubles> {
  const [alerts, quarantined] = await Promise.all([
    db.alert.findMany({
      where: { resolvedAt: null },
      orderBy: [{ severity: 'desc' }, { lastAt: 'desc' }],
      take: limit,
    }),
    db.$queryRaw<QuarantinedPayment[]>`
      SELECT p.id, p.amount_minor AS "amountMinor", p.currency, p.problem, p.created_at AS "createdAt",
        p.user_id AS "userId", u.first_name AS "firstName", u.last_name AS "lastName"
      FROM payments p LEFT JOIN users u ON u.id = p.user_id
      WHERE p.state = 'quarantined' ORDER BY p.created_at DESC LIMIT ${limit}`,
  ])
  return { alerts, quarantined }
}
