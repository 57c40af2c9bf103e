import type { RailChoice } from '#core/settings/settings.ts'
import type { Prisma, Product, ProductKind, Rail } from '#prisma'

/** What can be paid for by a rail, and granted. */
const kindsByRail: Record<Rail, ProductKind[]> = {
  stripe: ['credits', 'time', 'content', 'subscription'],
  stars: ['credits', 'time', 'content', 'subscription'],
}

type Offer = Pick<Product, 'kind' | 'priceStars'> & Partial<Pick<Product, 'gives'>>

/** The ways in which this can be paid while the owner takes money as `rails` says; none when it cannot be sold now. */
export function waysToPay(offer: Offer, rails: RailChoice): Rail[] {
  if (offer.kind === 'subscription' && offer.gives === null) return []
  const has = (rail: Rail) => (rails === rail || rails === 'both') && kindsByRail[rail].includes(offer.kind)
  return [
    ...(has('stripe') ? ['stripe' as const] : []),
    ...(has('stars') && offer.priceStars ? ['stars' as const] : []),
  ]
}

/** The same as a condition on products for a list of them. Content is not among them: its teaser sells it. */
export function payableBy(rails: RailChoice): Prisma.ProductWhereInput {
  const byStripe = { kind: { in: listed(kindsByRail.stripe) } }
  const byStars = { kind: { in: listed(kindsByRail.stars) }, priceStars: { not: null } }
  const byRail = [...(rails === 'stars' ? [] : [byStripe]), ...(rails === 'stripe' ? [] : [byStars])]
  return { OR: byRail, NOT: { kind: 'subscription', gives: null } }
}

function listed(kinds: ProductKind[]): ProductKind[] {
  return kinds.filter((kind) => kind !== 'content')
}
