import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { checkoutLinks } from '#core/payments/checkout/checkout-links.ts'
import { lockPlan } from '#core/recharge/lock-plan.ts'
import { suspendPlan } from '#core/recharge/suspend-plan.ts'
import { MOST_FAILURES } from '#core/recharge/terms.ts'
import type { Order, Prisma, PrismaClient } from '#prisma'

type Tx = Prisma.TransactionClient

/** How a charge ended without money. It can never succeed any more. */
export type ChargeEnd =
  | { how: 'declined'; code: string | null }
  /** The bank wants the buyer: they get a pay link for the same order. */
  | { how: 'needs_buyer' }
  /** It was called back before anything was charged. */
  | { how: 'called_back' }
  | { how: 'card_gone' }
  | { how: 'refused'; reason: string }

interface Ending {
  attemptId: string
  userId: bigint
  end: ChargeEnd
  publicUrl: string
  now: Date
}

/**
 * Writes down that a charge brought nothing, and tells the user. Call it only when the rail has made sure that the
 * charge cannot succeed any more. Counts once, however often it is told.
 */
export async function endCharge(db: PrismaClient, ending: Ending): Promise<void> {
  const { attemptId, userId, end, now } = ending
  await db.$transaction(async (tx) => {
    const plan = await lockPlan(tx, { userId })
    await tx.$queryRaw`SELECT 1 FROM accounts WHERE user_id = ${userId} FOR UPDATE`
    const { count } = await tx.rechargeAttempt.updateMany({
      where: { id: attemptId, state: 'charging' },
      data: { ...outcomeOf(end), endedAt: now, nextTryAt: null },
    })
    if (count === 0 || !plan) return
    const attempt = await tx.rechargeAttempt.findUniqueOrThrow({ where: { id: attemptId }, include: { order: true } })
    await tell(tx, ending, attempt.order)
    if (end.how !== 'declined' && end.how !== 'needs_buyer') return
    // The card may have been replaced while the old one was charged.
    const isSameCard = plan.cardFingerprint === attempt.cardFingerprint
    const failures = isSameCard ? plan.failures + 1 : plan.failures
    await tx.rechargePlan.update({ where: { userId }, data: { failures } })
    if (failures >= MOST_FAILURES) await suspendPlan(tx, { userId, reason: 'declined' })
  })
}

function outcomeOf(end: ChargeEnd) {
  switch (end.how) {
    case 'declined':
      return { state: 'failed', problem: end.code ?? 'declined' } as const
    case 'needs_buyer':
      return { state: 'needs_buyer', problem: 'authentication_required' } as const
    case 'called_back':
      return { state: 'skipped', problem: 'off' } as const
    case 'card_gone':
    case 'refused':
      return { state: 'failed', problem: end.how } as const
  }
}

async function tell(tx: Tx, { userId, end, publicUrl }: Ending, order: Order | null): Promise<void> {
  if (!order) return
  switch (end.how) {
    case 'declined':
    case 'needs_buyer': {
      const price = formatMoney({ amountMinor: order.priceMinor, currency: order.currency })
      const reason = end.how === 'declined' ? reasonOf(end.code) : 'authentication'
      await enqueueNotice(tx, {
        userId,
        text: 'recharge-failed',
        args: { label: order.label, price, reason },
        buttons: 'recharge',
        link: { text: 'recharge-pay-button', args: { price }, url: checkoutLinks(publicUrl, order.token).pay },
      })
      return
    }
    case 'called_back':
      await closeOrder(tx, order)
      return
    case 'card_gone':
      await closeOrder(tx, order)
      await suspendPlan(tx, { userId, reason: 'card_gone' })
      return
    case 'refused':
      await closeOrder(tx, order)
      await suspendPlan(tx, { userId, reason: 'refused' })
      await raiseAlert(tx, {
        key: `recharge-refused:product:${order.productId}`,
        severity: 'urgent',
        title: `“${order.label}” cannot be bought automatically`,
        detail: `Stripe refuses the payment. ${end.reason}`,
      })
  }
}

/** Nobody was given its pay link, so nobody waits for it. */
async function closeOrder(tx: Tx, { id }: Order): Promise<void> {
  await tx.order.updateMany({ where: { id, state: 'open' }, data: { state: 'expired' } })
}

/** The rail has dozens of words; the buyer needs to know which of these it is. https://docs.stripe.com/declines/codes */
function reasonOf(code: string | null): 'funds' | 'expired' | 'other' {
  if (code === 'insufficient_funds' || code === 'card_velocity_exceeded') return 'funds'
  return code === 'expired_card' ? 'expired' : 'other'
}
