import type { Settings } from '#core/settings/settings.ts'
import type { Order, Tier } from '#prisma'

/** The bonus credits that a buyer of this tier gets on bought credits, rounded down; none on anything else. */
export function loyaltyBonus(
  { kind, amount }: Pick<Order, 'kind' | 'amount'>,
  { tier, loyaltyPercent }: { tier: Tier; loyaltyPercent: Settings['loyaltyPercent'] },
): number {
  return kind === 'credits' ? Math.floor((amount * loyaltyPercent[tier]) / 100) : 0
}
