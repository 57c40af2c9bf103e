import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { cardBrand } from '#core/rails/card-brand.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { arm } from '#core/recharge/agree-to-recharge.ts'
import type { CardSetup, SavedCard } from '#core/recharge/card-rail.ts'
import { lockPlan } from '#core/recharge/lock-plan.ts'
import { MOST_FAILURES } from '#core/recharge/terms.ts'
import type { Prisma, RechargePlan } from '#prisma'

export type CardSettled =
  /** The plan has this card now. */
  | { status: 'saved' }
  /** It is the card that failed too often; another one is needed. */
  | { status: 'same_card' }
  /** Nobody has saved a card (yet). */
  | { status: 'not_saved' }
  /** Not the page that the plan waits for: an old one, or one of somebody else. */
  | { status: 'not_expected' }

/**
 * Takes the card that a page has saved into the plan that waits for it, inside the caller's transaction. Only the page
 * that was opened last counts and it counts once, so late and repeated news about pages change nothing.
 */
export async function applyCardSetup(
  tx: Prisma.TransactionClient,
  { setup, rail, now }: { setup: CardSetup; rail: Pick<PaymentRail, 'livemode'>; now: Date },
): Promise<CardSettled> {
  const { userId, customerId, card } = setup
  if (userId === null) return { status: 'not_expected' }
  const plan = await lockPlan(tx, { userId })
  if (plan?.cardSessionId !== setup.id) return { status: 'not_expected' }
  if (setup.status === 'open') return { status: 'not_saved' }
  await tx.rechargePlan.update({ where: { userId }, data: { cardSessionId: null } })
  if (card === null) return { status: 'not_saved' }
  const user = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { stripeCustomerId: true } })
  if (setup.livemode !== rail.livemode || customerId !== user.stripeCustomerId) return { status: 'not_expected' }
  return takeCard(tx, plan, card, now)
}

async function takeCard(
  tx: Prisma.TransactionClient,
  plan: RechargePlan,
  card: SavedCard,
  now: Date,
): Promise<CardSettled> {
  const { userId, threshold } = plan
  const args = { brand: cardBrand(card.brand), last4: card.last4, threshold }
  const isSame = card.fingerprint !== null && card.fingerprint === plan.cardFingerprint
  if (isSame && plan.failures >= MOST_FAILURES) {
    await enqueueNotice(tx, { userId, text: 'recharge-same-card', args, buttons: 'recharge' })
    return { status: 'same_card' }
  }
  // A card is no agreement: what was sold at another price stays suspended until the user agrees to the new one.
  const isOn = plan.suspendedReason !== 'price_changed' && plan.suspendedReason !== 'product_gone'
  await tx.rechargePlan.update({
    where: { userId },
    data: {
      paymentMethodId: card.paymentMethodId,
      cardFingerprint: card.fingerprint,
      cardBrand: card.brand,
      cardLast4: card.last4,
      failures: isSame ? plan.failures : 0,
      ...(isOn ? { state: 'on', suspendedReason: null } : {}),
    },
  })
  const isAsleep = plan.cappedUntil !== null && plan.cappedUntil > now
  if (isOn && !isAsleep) await arm(tx, { userId, threshold })
  // Whoever has to agree anew is not told that credits are bought by themselves from now on.
  const text = isOn ? 'recharge-card-saved' : 'recharge-card-saved-resting'
  await enqueueNotice(tx, { userId, text, args, buttons: 'recharge' })
  return { status: 'saved' }
}
