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

/** What was owed to Telegram and given up, and why; the rows of what a user's messages or purchases asked for name them. */
export interface Undelivered {
  id: string
  purpose: string
  error: string | null
  createdAt: Date
  userId: bigint | null
  firstName: string | null
  lastName: string | null
  topicChatId: bigint | null
  topicThreadId: bigint | null
}

export interface Troubles {
  alerts: Alert[]
  quarantined: QuarantinedPayment[]
  undelivered: Undelivered[]
  /** How many there are of the first two, those that are not listed included. */
  counts: { alerts: number; quarantined: number }
}

/**
 * What a person must look at: open alerts, urgent ones first, money that arrived but was not granted, and what could not
 * be delivered.
 */
export async function listTroubles(db: Db, { limit }: { limit: number }): Promise<Troubles> {
  const [alerts, quarantined, undelivered, [counts]] = await Promise.all([
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
    db.$queryRaw<Undelivered[]>`
      SELECT o.id::text, o.purpose, o.error, o.created_at AS "createdAt",
        o.user_id AS "userId", u.first_name AS "firstName", u.last_name AS "lastName",
        c.topic_chat_id AS "topicChatId", c.topic_thread_id AS "topicThreadId"
      FROM (SELECT * FROM outbox WHERE state = 'dead' ORDER BY id DESC LIMIT ${limit}) o
      LEFT JOIN users u ON u.id = o.user_id LEFT JOIN conversations c ON c.user_id = o.user_id
      ORDER BY o.id DESC`,
    // The state is written out: as a parameter it would not lead to the index of quarantined payments.
    db.$queryRaw<[Troubles['counts']]>`
      SELECT (SELECT count(*)::int FROM alerts WHERE resolved_at IS NULL) AS alerts,
        (SELECT count(*)::int FROM payments WHERE state = 'quarantined') AS quarantined`,
  ])
  return { alerts, quarantined, undelivered, counts }
}
