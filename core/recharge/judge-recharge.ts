import { mayRecharge } from '#core/recharge/agree-to-recharge.ts'
import {
  CHARGE_WINDOW_MS,
  hasUsableCard,
  MOST_CHARGES_PER_WINDOW,
  type SuspendedReason,
  thisMonth,
} from '#core/recharge/terms.ts'
import { loadSettings } from '#core/settings/load-settings.ts'
import type { Prisma, Product, RechargePlan } from '#prisma'

type Tx = Prisma.TransactionClient

export type Judgement =
  | { do: 'charge'; product: Product; plan: ChargeablePlan; agreedAt: Date }
  /** Nothing is charged this time. */
  | { do: 'skip'; because: 'off' | 'balance' | 'user' | 'rails' }
  /** The month's cap leaves no room. */
  | { do: 'sleep' }
  /** Nothing can be charged before the user does something. */
  | { do: 'suspend'; because: SuspendedReason }
  /** The most charges for this time were made. */
  | { do: 'wait'; until: Date }

type ChargeablePlan = RechargePlan & { paymentMethodId: string }

/**
 * Whether a user's card may be charged now: what they agreed to is what is sold, their balance still asks for it, and
 * no limit forbids it. The caller holds the locks of plan and account, so that the answer stays true until it commits.
 */
export async function judgeRecharge(
  tx: Tx,
  { userId, plan, now }: { userId: bigint; plan: RechargePlan | null; now: Date },
): Promise<Judgement> {
  if (plan?.state !== 'on') return { do: 'skip', because: 'off' }
  const user = await tx.user.findUniqueOrThrow({
    where: { id: userId },
    select: { bannedAt: true, erasedAt: true, stripeCustomerId: true },
  })
  if (user.bannedAt || user.erasedAt) return { do: 'skip', because: 'user' }
  // The owner takes no money by card any more.
  if ((await loadSettings(tx)).settings.rails === 'stars') return { do: 'skip', because: 'rails' }
  const account = await tx.account.findUniqueOrThrow({ where: { userId } })
  if (account.paid + account.bonus - account.debt > plan.threshold) return { do: 'skip', because: 'balance' }
  const product = await tx.product.findUniqueOrThrow({ where: { id: plan.productId } })
  if (!mayRecharge(product)) return { do: 'suspend', because: 'product_gone' }
  const agreedAt = await findAgreement(tx, plan, product)
  if (!agreedAt) return { do: 'suspend', because: 'price_changed' }
  if (!isChargeable(plan) || user.stripeCustomerId === null) return { do: 'suspend', because: 'card_gone' }
  const charges = await tx.rechargeAttempt.findMany({
    where: { userId, chargedAt: { gte: earlier(thisMonth(now), new Date(now.getTime() - CHARGE_WINDOW_MS)) } },
    orderBy: { chargedAt: 'desc' },
    select: { chargedAt: true, state: true, amountMinor: true },
  })
  if (chargedInMonth(charges, now) + product.priceMinor > plan.monthlyCapMinor) return { do: 'sleep' }
  const last = charges[MOST_CHARGES_PER_WINDOW - 1]?.chargedAt
  const until = last ? new Date(last.getTime() + CHARGE_WINDOW_MS) : now
  return until > now ? { do: 'wait', until } : { do: 'charge', product, plan, agreedAt }
}

function isChargeable(plan: RechargePlan): plan is ChargeablePlan {
  return hasUsableCard(plan)
}

/** When the user agreed to exactly this: the product, its price of today, and the plan's limits; else null. */
async function findAgreement(tx: Tx, plan: RechargePlan, product: Product): Promise<Date | null> {
  const consent = await tx.rechargeConsent.findFirst({ where: { userId: plan.userId }, orderBy: { id: 'desc' } })
  const isAgreed =
    consent !== null &&
    consent.productId === product.id &&
    consent.priceMinor === product.priceMinor &&
    consent.currency === product.currency &&
    consent.threshold === plan.threshold &&
    consent.monthlyCapMinor === plan.monthlyCapMinor
  return isAgreed ? consent.createdAt : null
}

interface PastCharge {
  chargedAt: Date | null
  state: string
  amountMinor: number
}

/** What was charged, or may have been, since the calendar month (UTC) began. */
function chargedInMonth(charges: readonly PastCharge[], now: Date): number {
  const counting = charges.filter(
    ({ chargedAt, state }) =>
      chargedAt !== null && chargedAt >= thisMonth(now) && (state === 'charging' || state === 'succeeded'),
  )
  return counting.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b
}
