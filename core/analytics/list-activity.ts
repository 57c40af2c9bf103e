import { isWholeMessage, kindOfWhole, textOfWhole } from '#core/analytics/album-parts.ts'
import type { Db } from '#core/db.ts'
import { type DisputeStage, judgeDispute } from '#core/payments/disputes/judge-dispute.ts'

/** No more of a text than fits on a line. */
const TEXT_MAX_LENGTH = 120

interface Person {
  userId: bigint
  firstName: string
  lastName: string | null
}

interface Happening {
  /** Unique among all activity. */
  key: string
  at: Date
}

export type Activity = Happening &
  Person &
  (
    | { what: 'message-in'; kind: string; text: string | null }
    | { what: 'message-out'; kind: string; text: string | null; authorName: string | null }
    | { what: 'purchase'; label: string; amountMinor: number; currency: string }
    | { what: 'refund'; amountMinor: number; currency: string }
    | { what: 'dispute'; stage: DisputeStage; amountMinor: number; currency: string }
    | { what: 'new-user' }
  )

interface Row extends Person {
  what: Activity['what']
  id: string
  at: Date
  kind: string | null
  text: string | null
  author: string | null
  amount: number | null
  currency: string | null
  status: string | null
}

/**
 * What happened last, newest first: messages in both directions, purchases (each paid period of a subscription is one,
 * of its plan), refunds that were made, disputes, new users. Reads `limit` rows of each.
 */
export async function listActivity(db: Db, { limit }: { limit: number }): Promise<Activity[]> {
  const rows = await db.$queryRaw<Row[]>`
    WITH latest AS (
      (SELECT 'message-' || direction::text AS what, id::text AS id, created_at AS at, user_id,
         ${kindOfWhole} AS kind, left(split_part(${textOfWhole}, chr(10), 1), ${TEXT_MAX_LENGTH}::int) AS text, author_name AS author,
         NULL::int AS amount, NULL AS currency, NULL AS status
       FROM messages m WHERE ${isWholeMessage} ORDER BY m.id DESC LIMIT ${limit})
      UNION ALL
      (SELECT 'purchase', p.id::text, p.created_at, p.user_id, NULL, coalesce(o.label, plan.label), NULL, p.amount_minor,
         p.currency, NULL
       FROM (SELECT * FROM payments WHERE state = 'granted' ORDER BY created_at DESC LIMIT ${limit}) p
       LEFT JOIN orders o ON o.id = p.order_id
       LEFT JOIN subscriptions s ON s.id = p.subscription_id LEFT JOIN products plan ON plan.id = s.product_id)
      UNION ALL
      (SELECT 'refund', r.id, r.created_at, p.user_id, NULL, NULL, NULL, r.amount_minor, r.currency, NULL
       FROM refunds r JOIN payments p ON p.id = r.payment_id
       WHERE r.status NOT IN ('failed', 'canceled') ORDER BY r.created_at DESC LIMIT ${limit})
      UNION ALL
      (SELECT 'dispute', d.id, d.opened_at, p.user_id, NULL, NULL, NULL, d.amount_minor, d.currency, d.status
       FROM disputes d JOIN payments p ON p.id = d.payment_id ORDER BY d.opened_at DESC LIMIT ${limit})
      UNION ALL
      (SELECT 'new-user', id::text, created_at, id, NULL, NULL, NULL, NULL, NULL, NULL
       FROM users ORDER BY created_at DESC LIMIT ${limit})
    )
    SELECT what, l.id, at, kind, text, author, amount, currency, status,
      u.id AS "userId", u.first_name AS "firstName", u.last_name AS "lastName"
    FROM latest l JOIN users u ON u.id = l.user_id
    ORDER BY at DESC, what LIMIT ${limit}`
  return rows.map(toActivity)
}

function toActivity({ what, id, at, kind, text, author, amount, currency, status, ...person }: Row): Activity {
  const happening = { key: `${what}:${id}`, at, ...person }
  const money = { amountMinor: amount ?? 0, currency: currency ?? '' }
  switch (what) {
    case 'message-in':
      return { ...happening, what, kind: kind ?? 'text', text }
    case 'message-out':
      return { ...happening, what, kind: kind ?? 'text', text, authorName: author }
    case 'purchase':
      return { ...happening, what, label: text ?? '', ...money }
    case 'refund':
      return { ...happening, what, ...money }
    case 'dispute':
      return { ...happening, what, stage: judgeDispute(status ?? ''), ...money }
    case 'new-user':
      return { ...happening, what }
  }
}
