import { randomBytes } from 'node:crypto'
import { lockPlan } from '#core/recharge/lock-plan.ts'
import { hasUsableCard } from '#core/recharge/terms.ts'
import type { Prisma, PrismaClient, Product } from '#prisma'

export type Agreed =
  /** The card on file is charged from now on. */
  | { status: 'on' }
  /** A card has to be saved first, by the link with this token. */
  | { status: 'awaiting_card'; cardToken: string }
  /** What the text says is not what is sold any more: show the new one. */
  | { status: 'outdated' }
  | { status: 'banned' }

interface Agreement {
  userId: bigint
  productId: number
  /** What the text says, to be held against what is sold now. */
  priceMinor: number
  threshold: number
  monthlyCapMinor: number
  /** The very words that the user read and agreed to. */
  text: string
  now: Date
}

/**
 * Keeps what a user agreed to, word for word, and puts their plan into effect: at once with the card that is saved
 * already, else once one is saved. Agreeing again replaces the terms; every agreement stays on record.
 */
export async function agreeToRecharge(db: PrismaClient, agreement: Agreement): Promise<Agreed> {
  const { userId, productId, priceMinor, threshold, monthlyCapMinor, text, now } = agreement
  return db.$transaction(async (tx) => {
    const product = await tx.product.findUnique({ where: { id: productId } })
    if (!product || !mayRecharge(product) || product.priceMinor !== priceMinor) return { status: 'outdated' }
    const user = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { bannedAt: true } })
    if (user.bannedAt) return { status: 'banned' }
    const terms = { productId, threshold, monthlyCapMinor }
    await tx.rechargePlan.createMany({ data: { userId, ...terms }, skipDuplicates: true })
    const plan = await lockPlan(tx, { userId })
    const isOn = hasUsableCard(plan)
    const cardToken = plan?.cardToken ?? newCardToken()
    const createdAt = await afterLastCharge(tx, { userId, now })
    await tx.rechargeConsent.create({
      data: { userId, text, ...terms, priceMinor, currency: product.currency, createdAt },
    })
    await tx.rechargePlan.update({
      where: { userId },
      data: { ...terms, cardToken, state: isOn ? 'on' : 'awaiting_card', suspendedReason: null, cappedUntil: null },
    })
    await arm(tx, { userId, threshold: isOn ? threshold : null })
    return isOn ? { status: 'on' } : { status: 'awaiting_card', cardToken }
  })
}

/** Credits for money are what can be bought by itself. */
export function mayRecharge(product: Pick<Product, 'active' | 'kind' | 'priceMinor'>): boolean {
  return product.active && product.kind === 'credits' && product.priceMinor > 0
}

/**
 * From now on a message that leaves `threshold` credits or fewer, or waits while so few are left, asks for a recharge;
 * null: none does.
 */
export async function arm(
  tx: Prisma.TransactionClient,
  { userId, threshold }: { userId: bigint; threshold: number | null },
): Promise<void> {
  await tx.account.upsert({
    where: { userId },
    create: { userId, rechargeBelow: threshold },
    update: { rechargeBelow: threshold },
  })
}

/** Clocks of two processes differ; the books shall tell which charges an agreement does not cover. */
async function afterLastCharge(
  tx: Prisma.TransactionClient,
  { userId, now }: { userId: bigint; now: Date },
): Promise<Date> {
  const { _max: last } = await tx.rechargeAttempt.aggregate({ where: { userId }, _max: { chargedAt: true } })
  return last.chargedAt && last.chargedAt >= now ? new Date(last.chargedAt.getTime() + 1) : now
}

function newCardToken(): string {
  return randomBytes(24).toString('base64url')
}
