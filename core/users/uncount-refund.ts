import { holdTierRules } from '#core/users/tier-rules.ts'
import type { Prisma, Tier } from '#prisma'

type Tx = Prisma.TransactionClient

/**
 * Takes money that was given back (minor units) out of what the user has spent, and `purchases` that no longer count as
 * such, neither below zero, and brings their tier up to date. Negative numbers count it again, when a refund failed.
 * Commit it with what records the refund, and call it before anything else locks rows of users.
 */
export async function uncountRefund(
  tx: Tx,
  { userId, amountMinor, purchases = 0 }: { userId: bigint; amountMinor: number; purchases?: number },
): Promise<{ tier: Tier }> {
  const { tiers: rules } = await holdTierRules(tx)
  const before = await lockUser(tx, userId)
  const [after] = await tx.$queryRaw<{ tier: Tier }[]>`
    WITH rest AS (
      SELECT id, greatest(spent_minor - ${amountMinor}::int, 0) AS spent_minor,
             greatest(purchases - ${purchases}::int, 0) AS purchases
      FROM users WHERE id = ${userId}
    )
    UPDATE users u SET spent_minor = rest.spent_minor, purchases = rest.purchases,
      tier = coalesce(u.tier_override,
        tier_by_rules(rest.spent_minor, rest.purchases, ${JSON.stringify(rules)}::jsonb))
    FROM rest WHERE u.id = rest.id RETURNING u.tier`
  if (after && after.tier !== before.tier) await freshenCard(tx, userId)
  return { tier: after?.tier ?? before.tier }
}

/** From here on the row is ours; what is read is the newest truth. Throws for an unknown user. */
async function lockUser(tx: Tx, userId: bigint): Promise<{ tier: Tier }> {
  const [row] = await tx.$queryRaw<{ tier: Tier }[]>`
    SELECT tier FROM users WHERE id = ${userId} FOR NO KEY UPDATE`
  if (!row) throw new Error(`There is no user ${userId}`)
  return row
}

async function freshenCard(tx: Tx, userId: bigint): Promise<void> {
  await tx.$executeRaw`UPDATE conversations SET card_dirty_at = now() WHERE user_id = ${userId} AND card_dirty_at IS NULL`
}
