import type { Db } from '#core/db.ts'

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
}

/** What happened last, newest first: messages in both directions, purchases, new users. Reads `limit` rows of each. */
export async function listActivity(db: Db, { limit }: { limit: number }): Promise<Activity[]> {
  const rows = await db.$queryRaw<Row[]>`
    WITH latest AS (
      (SELECT 'message-' || direction::text AS what, id::text AS id, created_at AS at, user_id, kind,
         left(split_part(text, chr(10), 1), ${TEXT_MAX_LENGTH}::int) AS text, author_name AS author,
         NULL::int AS amount, NULL AS currency
       FROM messages ORDER BY messages.id DESC LIMIT ${limit})
      UNION ALL
      (SELECT 'purchase', p.id::text, p.created_at, p.user_id, NULL, o.label, NULL, p.amount_minor, p.currency
       FROM (SELECT * FROM payments WHERE state = 'granted' ORDER BY created_at DESC LIMIT ${limit}) p
       LEFT JOIN orders o ON o.id = p.order_id)
      UNION ALL
      (SELECT 'new-user', id::text, created_at, id, NULL, NULL, NULL, NULL, NULL
       FROM users ORDER BY created_at DESC LIMIT ${limit})
    )
    SELECT what, l.id, at, kind, text, author, amount, currency,
      u.id AS "userId", u.first_name AS "firstName", u.last_name AS "lastName"
    FROM latest l JOIN users u ON u.id = l.user_id
    ORDER BY at DESC, what LIMIT ${limit}`
  return rows.map(toActivity)
}

function toActivity({ what, id, at, kind, text, author, amount, currency, ...person }: Row): Activity {
  const happening = { key: `${what}:${id}`, at, ...person }
  switch (what) {
    case 'message-in':
      return { ...happening, what, kind: kind ?? 'text', text }
    case 'message-out':
      return { ...happening, what, kind: kind ?? 'text', text, authorName: author }
    case 'purchase':
      return { ...happening, what, label: text ?? '', amountMinor: amount ?? 0, currency: currency ?? '' }
    case 'new-user':
      return { ...happening, what }
  }
}
