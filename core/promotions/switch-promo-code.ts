import { type Actor, recordAudit } from '#core/audit/record-audit.ts'
import { normalizeCode } from '#core/promotions/promo-code.ts'
import { hasRole } from '#core/team/roles.ts'
import type { PrismaClient } from '#prisma'

/** Turns a promo code off, or on again. What was redeemed stays. Admins only. */
export async function switchPromoCode(
  prisma: PrismaClient,
  { code: typed, active, actor }: { code: string; active: boolean; actor: Actor },
): Promise<{ status: 'switched' | 'unchanged' | 'unknown' | 'forbidden' }> {
  if (!hasRole(actor.role, 'admin')) return { status: 'forbidden' }
  const code = normalizeCode(typed)
  return prisma.$transaction(async (tx) => {
    const promo = await tx.promoCode.findUnique({ where: { code }, select: { id: true } })
    if (!promo) return { status: 'unknown' }
    const { count } = await tx.promoCode.updateMany({ where: { id: promo.id, active: !active }, data: { active } })
    if (count === 0) return { status: 'unchanged' }
    const target = `promo:${promo.id}`
    await recordAudit(tx, { actor, action: active ? 'promo.on' : 'promo.off', target, after: { code, active } })
    return { status: 'switched' }
  })
}
