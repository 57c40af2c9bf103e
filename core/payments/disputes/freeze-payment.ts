import { giveBack } from '#core/ledger/give-back.ts'
import { lockAccount } from '#core/ledger/lock-account.ts'
import { takeBack } from '#core/ledger/take-back.ts'
import { type LockedPayment, sharesOf } from '#core/payments/refunds/payment-shares.ts'
import type { Dispute, Prisma } from '#prisma'

type Tx = Prisma.TransactionClient
type Frozen = Pick<Dispute, 'frozenPaid' | 'frozenBonus' | 'frozenSeconds'>

/**
 * Takes from the user what a disputed payment granted, as far as it is left and was not given back before; nothing is
 * owed for what was spent. What was taken is kept on the dispute. Call it once per dispute, with its payment locked.
 */
export async function freezePayment(
  tx: Tx,
  { payment, dispute }: { payment: LockedPayment; dispute: Dispute },
): Promise<Frozen> {
  const frozen = await whatIsLeft(tx, payment, dispute)
  const { frozenPaid: paid, frozenBonus: bonus, frozenSeconds: passSeconds } = frozen
  if (payment.userId === null || paid + bonus + passSeconds === 0) return frozen
  const taken = await takeBack(tx, {
    userId: payment.userId,
    kind: 'dispute',
    ref: dispute.id,
    paid,
    bonus,
    passSeconds,
    owes: false,
    contra: 'frozen',
    actor: 'stripe',
    reason: 'The bank examines the payment',
  })
  if (taken.status === 'duplicate') throw new Error(`What dispute ${dispute.id} froze is in the ledger already`)
  await tx.dispute.update({ where: { id: dispute.id }, data: frozen })
  return frozen
}

async function whatIsLeft(tx: Tx, payment: LockedPayment, dispute: Dispute): Promise<Frozen> {
  if (payment.userId === null) return { frozenPaid: 0, frozenBonus: 0, frozenSeconds: 0 }
  const disputedMinor = Math.min(payment.amountMinor, payment.refundedMinor + disputedPart(payment, dispute))
  const upTo = sharesOf(payment, disputedMinor)
  const held = await lockAccount(tx, { userId: payment.userId })
  return {
    frozenPaid: Math.min(upTo.paid - payment.reversedPaid, held.paid),
    frozenBonus: Math.min(upTo.bonus - payment.reversedBonus, held.bonus),
    frozenSeconds: Math.min(upTo.seconds - payment.reversedSeconds, held.passSeconds),
  }
}

/**
 * Gives back exactly what a dispute froze, once. When it was lost, the caller takes it as a reversal in the same
 * transaction; the row remembers what was frozen.
 */
export async function unfreezePayment(
  tx: Tx,
  { payment, dispute, isWon }: { payment: LockedPayment; dispute: Dispute; isWon: boolean },
): Promise<void> {
  const { userId } = payment
  const { id, frozenPaid: paid, frozenBonus: bonus, frozenSeconds: passSeconds } = dispute
  if (userId === null || paid + bonus + passSeconds === 0) return
  const common = { userId, paid, bonus, passSeconds, contra: 'frozen', actor: 'stripe' }
  const given = isWon
    ? await giveBack(tx, { ...common, kind: 'dispute_won', ref: id, reason: 'The bank found the payment good' })
    : await giveBack(tx, { ...common, kind: 'dispute', ref: `${id}:lost`, reason: 'The bank took the money back' })
  if (given.status === 'duplicate') throw new Error(`What dispute ${id} froze was given back already`)
}

/** Money of the payment that a dispute is about. Banks may count in another currency; then it is all of it. */
export function disputedPart(
  { amountMinor, currency }: Pick<LockedPayment, 'amountMinor' | 'currency'>,
  dispute: Pick<Dispute, 'amountMinor' | 'currency'>,
): number {
  return dispute.currency === currency ? Math.min(dispute.amountMinor, amountMinor) : amountMinor
}
