import { notify } from '#core/live/notify.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import type { RailInvoice, RailSubscription } from '#core/subscriptions/subscription-rail.ts'
import type { Prisma, Subscription } from '#prisma'

type Tx = Prisma.TransactionClient

/** Tells that the subscription is over. Call it with the write that ended it, which happens once. */
export async function tellOfEnd(
  tx: Tx,
  { row, label, endedUnpaid }: { row: Subscription; label: string; endedUnpaid: boolean },
): Promise<void> {
  const { erasedAt } = await tx.user.findUniqueOrThrow({ where: { id: row.userId }, select: { erasedAt: true } })
  // Who asked to be forgotten has ended it by that, and is written to no more.
  if (erasedAt !== null) return
  const text = endedUnpaid ? 'sub-ended-unpaid' : 'sub-ended'
  await enqueueNotice(tx, { userId: row.userId, text, args: { label }, buttons: 'buy' })
  await notify(tx, 'live')
}

/**
 * Tells that a period could not be charged, once for each try, with the way to another card. Tries that nobody heard of
 * in time are passed over for the newest. The caller holds the row.
 */
export async function tellOfFailure(
  tx: Tx,
  { row, label, subscription }: { row: Subscription; label: string; subscription: RailSubscription },
): Promise<void> {
  const failed = subscription.invoices.findLast(({ status, attempts }) => status === 'open' && attempts > 0)
  if (!failed || subscription.endedAt !== null || wasTold(row.failureToldFor, failed, subscription.invoices)) return
  await tx.subscription.update({ where: { id: row.id }, data: { failureToldFor: `${failed.id}:${failed.attempts}` } })
  const { amountDueMinor: amountMinor, currency, nextAttemptAt } = failed
  const args = { label, price: formatMoney({ amountMinor, currency }), next: nextAttemptAt?.getTime() ?? 0 }
  await enqueueNotice(tx, { userId: row.userId, text: 'sub-failed', args, buttons: 'subscription' })
  await notify(tx, 'live')
}

/** An older answer of the rail may come after a newer one: what was told of a later try covers the earlier ones. */
function wasTold(told: string | null, failed: RailInvoice, invoices: RailInvoice[]): boolean {
  if (told === null) return false
  const [invoiceId, attempts] = told.split(':')
  if (invoiceId === failed.id) return failed.attempts <= Number(attempts)
  const last = invoices.find(({ id }) => id === invoiceId)
  return last === undefined ? false : last.createdAt > failed.createdAt
}
