import { type Actor, recordAudit } from '#core/audit/record-audit.ts'
import { isPromoCode, normalizeCode } from '#core/promotions/promo-code.ts'
import { hasRole } from '#core/team/roles.ts'
import type { PrismaClient, PromoCode } from '#prisma'

/** The most that one redemption may bring, and the furthest ahead that anything may end. */
const promoLimits = { credits: 10_000, passSeconds: 366 * 86_400, uses: 10_000_000, days: 3_650 } as const

export interface NewPromoCode {
  code: string
  /** Bonus credits and seconds of pass; at least one of them is not 0. */
  credits: number
  passSeconds: number
  /** How many people may redeem it; null for any number. */
  maxUses: number | null
  /** Until when it may be redeemed; null for ever. */
  expiresAt: Date | null
  /** How long the credits live after that; null for ever. */
  creditsLastDays: number | null
}

export type PromoCreated =
  | { status: 'created'; promo: PromoCode }
  /** There is, or was, a code of this name; a used one is never given a second meaning. */
  | { status: 'taken' }
  | { status: 'invalid'; what: 'code' | 'credits' | 'pass' | 'uses' | 'end' | 'life' }
  | { status: 'forbidden' }

/** Makes a promo code that anybody may redeem once. Admins only. */
export async function createPromoCode(
  prisma: PrismaClient,
  { actor, now, ...given }: NewPromoCode & { actor: Actor; now: Date },
): Promise<PromoCreated> {
  if (!hasRole(actor.role, 'admin')) return { status: 'forbidden' }
  const wanted = { ...given, code: normalizeCode(given.code) }
  const what = findFault(wanted, now)
  if (what) return { status: 'invalid', what }
  return prisma.$transaction(async (tx): Promise<PromoCreated> => {
    const [promo] = await tx.promoCode.createManyAndReturn({
      data: { ...wanted, createdBy: `team:${actor.id}`, createdAt: now },
      skipDuplicates: true,
    })
    if (!promo) return { status: 'taken' }
    const { code, expiresAt, ...rest } = wanted
    const after = { code, expiresAt: expiresAt?.toISOString() ?? null, ...rest }
    await recordAudit(tx, { actor, action: 'promo.create', target: `promo:${promo.id}`, after })
    return { status: 'created', promo }
  })
}

function findFault(wanted: NewPromoCode, now: Date): Extract<PromoCreated, { status: 'invalid' }>['what'] | null {
  const { code, credits, passSeconds, maxUses, expiresAt, creditsLastDays } = wanted
  if (!isPromoCode(code)) return 'code'
  if (!isWithin(credits, 0, promoLimits.credits)) return 'credits'
  if (!isWithin(passSeconds, 0, promoLimits.passSeconds)) return 'pass'
  if (credits === 0 && passSeconds === 0) return 'credits'
  if (maxUses !== null && !isWithin(maxUses, 1, promoLimits.uses)) return 'uses'
  if (expiresAt && !(expiresAt > now)) return 'end'
  if (creditsLastDays !== null && !isWithin(creditsLastDays, 1, promoLimits.days)) return 'life'
  return null
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}
