import { type Actor, recordAudit } from '#core/audit/record-audit.ts'
import { notify } from '#core/live/notify.ts'
import { hasRole } from '#core/team/roles.ts'
import { holdTierRules } from '#core/users/tier-rules.ts'
import type { PrismaClient, Tier } from '#prisma'

export type TierSet =
  | { status: 'changed'; tier: Tier }
  | { status: 'unchanged'; tier: Tier }
  | { status: 'unknown-user' }
  | { status: 'forbidden' }

interface Row {
  tier: Tier
  tier_override: Tier | null
}

/**
 * Sets somebody's tier by hand, whatever the rules say; null lets the rules decide again. Admins only.
 * `tier` in the answer is the one that counts from now on.
 */
export async function setTierOverride(
  prisma: PrismaClient,
  { userId, tier, actor, reason }: { userId: bigint; tier: Tier | null; actor: Actor; reason?: string },
): Promise<TierSet> {
  if (!hasRole(actor.role, 'admin')) return { status: 'forbidden' }
  return prisma.$transaction(async (tx): Promise<TierSet> => {
    const { tiers: rules } = await holdTierRules(tx)
    const [before] = await tx.$queryRaw<Row[]>`
      SELECT tier, tier_override FROM users WHERE id = ${userId} FOR NO KEY UPDATE`
    if (!before) return { status: 'unknown-user' }
    if (before.tier_override === tier) return { status: 'unchanged', tier: before.tier }
    const [after] = await tx.$queryRaw<{ tier: Tier }[]>`
      UPDATE users SET tier_override = ${tier}::tier,
        tier = coalesce(${tier}::tier, tier_by_rules(spent_minor, purchases, ${JSON.stringify(rules)}::jsonb))
      WHERE id = ${userId} RETURNING tier`
    await tx.$executeRaw`
      UPDATE conversations SET card_dirty_at = now() WHERE user_id = ${userId} AND card_dirty_at IS NULL`
    await recordAudit(tx, {
      actor,
      action: 'user.tier',
      target: `user:${userId}`,
      before: { tier: before.tier, override: before.tier_override },
      after: { override: tier },
      reason,
    })
    await notify(tx, 'live')
    return { status: 'changed', tier: after?.tier ?? before.tier }
  })
}
