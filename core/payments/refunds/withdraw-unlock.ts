import type { LockedPayment } from '#core/payments/refunds/payment-shares.ts'
import type { Prisma } from '#prisma'

type Tx = Prisma.TransactionClient
type Of = Pick<LockedPayment, 'orderId' | 'userId'>

/** Takes away the right to the content that this payment bought. A right that was got in another way stays. */
export async function withdrawUnlock(tx: Tx, { payment, now }: { payment: Of; now: Date }): Promise<void> {
  await setWithdrawn(tx, payment, now)
}

/** Gives the right back. */
export async function restoreUnlock(tx: Tx, { payment }: { payment: Of }): Promise<void> {
  await setWithdrawn(tx, payment, null)
}

async function setWithdrawn(tx: Tx, { orderId, userId }: Of, withdrawnAt: Date | null): Promise<void> {
  if (orderId === null || userId === null) return
  await tx.unlock.updateMany({
    where: { userId, source: `order:${orderId}`, withdrawnAt: withdrawnAt === null ? { not: null } : null },
    data: { withdrawnAt },
  })
}
