import type { OutboxContext, Outcome } from '#bot/workers/outbox/context.ts'
import { sendAlert } from '#bot/workers/outbox/senders/alert.ts'
import { sendCase } from '#bot/workers/outbox/senders/case.ts'
import { sendNotice, sendReceipt } from '#bot/workers/outbox/senders/chat.ts'
import { sendContent, sendTeaser } from '#bot/workers/outbox/senders/content.ts'
import { sendFarewell } from '#bot/workers/outbox/senders/farewell.ts'
import { sendKept } from '#bot/workers/outbox/senders/kept.ts'
import { sendRelay } from '#bot/workers/outbox/senders/relay.ts'
import { sendReply } from '#bot/workers/outbox/senders/reply.ts'
import type { ClaimedItem } from '#core/outbox/claim-items.ts'
import { type OutboxPayload, type OutboxPurpose, outboxPayloads } from '#core/outbox/outbox-item.ts'
import { markCardDirty } from '#core/topics/card-state.ts'

type Senders = {
  [P in OutboxPurpose]: (
    context: OutboxContext,
    item: ClaimedItem,
    payload: OutboxPayload<P>,
    behind: readonly ClaimedItem[],
  ) => Promise<Outcome>
}

const senders: Senders = {
  relay: sendRelay,
  receipt: sendReceipt,
  reply: sendReply,
  notice: sendNotice,
  alert: (context, _item, payload) => sendAlert(context, payload),
  card: async ({ sql }, { userId }) => {
    if (userId !== null) await markCardDirty(sql, { userId })
    return { status: 'sent', effects: {} }
  },
  farewell: sendFarewell,
  content: sendContent,
  teaser: sendTeaser,
  case: sendCase,
  kept: (context, item) => sendKept(context, item),
}

/**
 * Does what a row asks for, and takes along what it can of the rows behind it. Errors of calls to Telegram are thrown
 * for the dispatcher to judge.
 */
export async function sendItem(
  context: OutboxContext,
  item: ClaimedItem,
  behind: readonly ClaimedItem[],
): Promise<Outcome> {
  const purpose = item.purpose
  if (!isPurpose(purpose)) return { status: 'refused', reason: `Unknown purpose ${purpose}`, quiet: false }
  const parsed = outboxPayloads[purpose].safeParse(item.payload)
  if (!parsed.success) return { status: 'refused', reason: `Unreadable payload: ${parsed.error.message}`, quiet: false }
  const send = senders[purpose] as (
    context: OutboxContext,
    item: ClaimedItem,
    payload: unknown,
    behind: readonly ClaimedItem[],
  ) => Promise<Outcome>
  return send(context, item, parsed.data, behind)
}

function isPurpose(purpose: string): purpose is OutboxPurpose {
  return Object.hasOwn(outboxPayloads, purpose)
}
