import type { OutboxContext, Outcome } from '#bot/workers/outbox/context.ts'
import { deliverKeptMessages } from '#core/kept-messages/deliver-kept-messages.ts'
import type { ClaimedItem } from '#core/outbox/claim-items.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'

/** Accepts what a user wrote while they could not pay for it, now that something came in, and says so. */
export async function sendKept(context: OutboxContext, { userId }: ClaimedItem): Promise<Outcome> {
  if (userId === null) return { status: 'refused', reason: 'It names nobody', quiet: false }
  const { sent, waiting } = await deliverKeptMessages(context.pool, { userId, settings: context.settings() })
  const to = { userId: BigInt(userId) }
  if (sent > 0) await enqueueNotice(context.prisma, { ...to, text: 'notice-kept-sent', args: { sent } })
  if (waiting) {
    await enqueueNotice(context.prisma, { ...to, text: 'notice-kept-waiting', args: waiting, buttons: 'buy' })
  }
  return { status: 'sent', effects: {} }
}
