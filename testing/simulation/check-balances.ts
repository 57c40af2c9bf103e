import { type Finding, found } from '#testing/simulation/findings.ts'
import type { Town } from '#testing/simulation/people.ts'

interface Sums {
  user_id: string
  balance: number
  promo: number
  unlocks: number
  unlocked: number
  owned: number
}

/** What does not come from Stripe: codes brought what they say, once a person, and contents were sold once. */
export async function checkBalances(town: Town): Promise<Finding[]> {
  const { world, catalogue } = town
  const rows = await world.query<Sums>(`
    SELECT a.user_id, a.paid + a.bonus - a.debt AS balance,
      (SELECT coalesce(sum(amount), 0)::int FROM ledger_entries e WHERE e.user_id = a.user_id AND kind = 'promo') AS promo
    FROM accounts a`)
  const redeemed = await world.query<{ user_id: string; promo_id: number }>(
    'SELECT user_id, promo_id FROM promo_redemptions',
  )
  const wrong = rows.flatMap(({ user_id: userId, promo }) => {
    const codes = redeemed.filter((one) => one.user_id === userId)
    const worth = codes.reduce(
      (sum, one) => sum + (catalogue.codes.find(({ id }) => id === one.promo_id)?.credits ?? 0),
      0,
    )
    return worth === promo ? [] : [`${userId} redeemed codes worth ${worth} and was given ${promo}`]
  })
  const few = redeemed.filter(({ promo_id: id }) => catalogue.codes.find(({ code }) => code === 'FEW')?.id === id)
  return [
    ...found('Codes', [...wrong, ...(few.length > 5 ? [`FEW was redeemed ${few.length} times`] : [])]),
    ...found('Contents that were sold twice', await readSoldTwice(town)),
  ]
}

/** Ways in which somebody holds a content at once: unlocked by credits, or by a payment that was kept. */
function readSoldTwice({ world }: Town): Promise<object[]> {
  return world
    .query(`
    SELECT u.user_id, u.content_id, u.source, u.withdrawn_at,
      (SELECT count(*)::int FROM ledger_entries e WHERE e.kind = 'unlock' AND e.user_id = u.user_id
        AND (e.ref = format('content:%s:%s', u.content_id, u.user_id) OR starts_with(e.ref, format('content:%s:%s:', u.content_id, u.user_id)))) AS by_credits,
      (SELECT count(*)::int FROM payments p JOIN orders o ON o.id = p.order_id
        WHERE o.content_id = u.content_id AND o.user_id = u.user_id AND p.state = 'granted' AND p.refunded_minor = 0
          AND NOT EXISTS (SELECT 1 FROM disputes d WHERE d.payment_id = p.id)) AS by_money
    FROM unlocks u`)
    .then((rows) =>
      rows.filter((row) => {
        const { by_credits: byCredits, by_money: byMoney } = row as { by_credits: number; by_money: number }
        return byMoney > 1 || (byMoney === 1 && byCredits > 1)
      }),
    )
}
