import { tellTeam } from '#core/alerts/tell-team.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import type { LockedPayment, Shares } from '#core/payments/refunds/payment-shares.ts'
import type { ReversalCause } from '#core/payments/refunds/reverse-payment.ts'
import type { Prisma } from '#prisma'

interface Reversal {
  payment: LockedPayment
  refundedMinor: number
  cause: ReversalCause
  taken: Shares & { owed: number }
  balance: number | null
}

/** Tells user and team what went back. Called only by what just moved the books, so it is said once. */
export async function tellOfReversal(tx: Prisma.TransactionClient, reversal: Reversal): Promise<void> {
  const { payment, refundedMinor, cause, taken, balance } = reversal
  const { currency, userId } = payment
  const money = formatMoney({ amountMinor: refundedMinor - payment.refundedMinor, currency })
  if (userId !== null) {
    const { paid, bonus, seconds, owed } = taken
    // What was spent is off the balance already: a purchase makes up for what is below zero, and for nothing else.
    const args = { credits: paid + bonus + owed, seconds, balance: balance ?? 0, owed: Math.max(0, -(balance ?? 0)) }
    await enqueueNotice(tx, {
      userId,
      text: cause.kind === 'refund' ? 'refund-made' : 'refund-by-bank',
      args: { money, label: labelOf(payment), ...args },
    })
  }
  // A lost dispute is told with what the bank decided.
  if (cause.kind !== 'refund') return
  const whole = formatMoney({ amountMinor: payment.amountMinor, currency })
  const total = formatMoney({ amountMinor: refundedMinor, currency })
  await tellTeam(tx, {
    severity: 'warning',
    title: `${money} refunded`,
    detail: [
      `${labelOf(payment)} of user ${userId ?? 'unknown'}: ${total} of ${whole} went back so far.`,
      ...(taken.owed > 0 ? [`${taken.owed} credits were spent already and are owed now.`] : []),
      ...(cause.reason ? [`Reason: ${cause.reason}`] : []),
    ].join('\n'),
  })
}

/** Tells the team that money which they gave back did not arrive: it is with them again, and the user still waits for it. */
export async function tellOfFailedRefund(
  tx: Prisma.TransactionClient,
  { payment, refundedMinor }: { payment: LockedPayment; refundedMinor: number },
): Promise<void> {
  const { currency, userId } = payment
  const money = formatMoney({ amountMinor: payment.refundedMinor - refundedMinor, currency })
  await tellTeam(tx, {
    severity: 'warning',
    title: `A refund of ${money} failed`,
    detail: `${labelOf(payment)} of user ${userId ?? 'unknown'}: the money came back to you, and the user has again what it had bought. Refund it in another way if it is owed.`,
  })
}

/** What was bought, in the words of the shop. */
export function labelOf({ order, subscription }: Pick<LockedPayment, 'order' | 'subscription'>): string {
  return order?.label ?? subscription?.product.label ?? '—'
}
