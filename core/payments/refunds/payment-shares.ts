import type { Order, Payment, Prisma, Product } from '#prisma'

export type LockedPayment = Payment & {
  order: Pick<Order, 'id' | 'label' | 'priceMinor'> | null
  subscription: { product: Pick<Product, 'label'> } | null
}

/** A part of what a payment granted. */
export interface Shares {
  paid: number
  bonus: number
  seconds: number
}

/** Reads a payment and keeps others from changing it until the transaction ends. Throws when there is none. */
export async function lockPayment(
  tx: Prisma.TransactionClient,
  { paymentId }: { paymentId: string },
): Promise<LockedPayment> {
  await tx.$queryRaw`SELECT id FROM payments WHERE id = ${paymentId}::uuid FOR UPDATE`
  return tx.payment.findUniqueOrThrow({
    where: { id: paymentId },
    include: {
      order: { select: { id: true, label: true, priceMinor: true } },
      subscription: { select: { product: { select: { label: true } } } },
    },
  })
}

/** Writes down that so much of its money is back in all (minor units), and what of the grant went with it. */
export async function recordReversal(
  tx: Prisma.TransactionClient,
  { paymentId, refundedMinor, target }: { paymentId: string; refundedMinor: number; target: Shares },
): Promise<void> {
  await tx.payment.update({
    where: { id: paymentId },
    data: {
      refundedMinor,
      reversedPaid: target.paid,
      reversedBonus: target.bonus,
      reversedSeconds: target.seconds,
      reversals: { increment: 1 },
    },
  })
}

type Granted = Pick<Payment, 'grantedPaid' | 'grantedBonus' | 'grantedSeconds' | 'amountMinor'>

/**
 * What belongs to `partMinor` of a payment's money. It counts from the start and is rounded down, so the parts of any
 * sequence of refunds add up, and the whole money takes everything.
 */
export function sharesOf(payment: Granted, partMinor: number): Shares {
  const share = (granted: number) => shareOf(granted, { partMinor, wholeMinor: payment.amountMinor })
  return {
    paid: share(payment.grantedPaid),
    bonus: share(payment.grantedBonus),
    seconds: share(payment.grantedSeconds),
  }
}

/** `granted` × part ÷ whole, rounded down; in big integers, since the product outgrows what a number holds exactly. */
export function shareOf(granted: number, { partMinor, wholeMinor }: { partMinor: number; wholeMinor: number }): number {
  if (wholeMinor === 0) return 0
  return Number((BigInt(granted) * BigInt(partMinor)) / BigInt(wholeMinor))
}
