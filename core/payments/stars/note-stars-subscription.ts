import { notify } from '#core/live/notify.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { starsSubscriptionId } from '#core/payments/stars/grant-stars-month.ts'
import { readStarsPayload } from '#core/payments/stars/stars-payload.ts'
import type { PrismaClient } from '#prisma'

interface Change {
  userId: bigint
  payload: string
  /** Telegram's word: https://core.telegram.org/bots/api#botsubscriptionupdated */
  state: string
  now: Date
}

/**
 * Notes what became of the renewal of a subscription in Stars. When it failed, the user is told once. A month that is
 * paid later makes it active again by itself.
 */
export async function noteStarsSubscription(db: PrismaClient, { userId, payload, state, now }: Change): Promise<void> {
  const orderId = readStarsPayload(payload)
  if (orderId === null) return
  const own = { id: starsSubscriptionId(orderId), userId }
  await db.$transaction(async (tx) => {
    if (state === 'active' || state === 'canceled') {
      await tx.subscription.updateMany({ where: own, data: { cancelAtPeriodEnd: state === 'canceled' } })
    } else if (state === 'failed') {
      const ended = await tx.subscription.updateMany({
        where: { ...own, status: { not: 'unpaid' } },
        data: { status: 'unpaid', endedAt: now },
      })
      if (ended.count === 1) {
        const { label } = await tx.order.findUniqueOrThrow({ where: { id: orderId }, select: { label: true } })
        await enqueueNotice(tx, { userId, text: 'stars-renewal-failed', args: { label } })
      }
    }
    await notify(tx, 'live')
  })
}
