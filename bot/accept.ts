import { createAcceptBatcher } from '#bot/accept-batcher.ts'
import type { BotServices } from '#bot/context.ts'
import type { Outbox } from '#bot/workers/outbox/outbox.ts'
import { type AcceptOutcome, acceptMessages, type IncomingMessage } from '#core/conversations/accept-messages.ts'
import { createCoalescedNotify } from '#core/live/coalesced-notify.ts'
import type { ClaimedItem } from '#core/outbox/claim-items.ts'
import { lanes, outboxPriority } from '#core/outbox/outbox-item.ts'

type Accepted = Extract<AcceptOutcome, { status: 'accepted' }>

/** The way from a user's message to the ledger, batched, with the rows that come of it handed to the outbox in memory. */
export function createAccept(
  { config, database, settings, log }: Omit<BotServices, 'accept'>,
  outbox: Outbox,
): (message: IncomingMessage) => Promise<AcceptOutcome> {
  const touchPages = createCoalescedNotify(database.pool, {
    channel: 'live',
    everyMs: 500,
    onError: (error) => log.warn({ error }, 'the dashboard could not be told'),
  })
  return createAcceptBatcher({
    async flush(messages) {
      const since = performance.now()
      const outcomes = await acceptMessages(database.pool, messages, {
        botId: config.botId,
        settings: settings.current,
        owner: outbox.canTake() ? outbox.workerId : null,
        leaseSeconds: outbox.leaseSeconds,
      })
      let hasMoreToClaim = false
      const items: ClaimedItem[] = []
      for (const [index, outcome] of outcomes.entries()) {
        const message = messages[index]
        if (outcome.status !== 'accepted' || !message) continue
        items.push(...itemsOf(message, outcome))
        hasMoreToClaim ||= !outcome.leased || outcome.credits <= settings.current.lowCredits
      }
      if (items.length > 0 || hasMoreToClaim) touchPages()
      outbox.offer(items, since)
      if (hasMoreToClaim) outbox.wake()
      // Perhaps accepted by a statement of ours whose answer got lost: its rows are leased to us, and nobody sends them.
      const again = messages.filter((_, index) => outcomes[index]?.status === 'duplicate')
      if (again.length > 0) await outbox.reclaim(again.flatMap(({ userId }) => lanesOf(BigInt(userId))))
      return outcomes
    },
  })
}

const lanesOf = (userId: bigint) => [lanes.topic(userId), lanes.chat(userId)]

/** The rows that the accept statement leased to us, as if we had claimed them. */
function itemsOf(message: IncomingMessage, { cost, credits, passUntil, leased }: Accepted): ClaimedItem[] {
  if (!leased) return []
  const userId = BigInt(message.userId)
  const common = { userId: String(userId), attempts: 0 }
  const facts = { cost, credits, passUntil: passUntil?.toISOString() ?? null }
  const relay: ClaimedItem = {
    ...common,
    id: String(leased.relayId),
    lane: lanes.topic(userId),
    purpose: 'relay',
    priority: outboxPriority.relay,
    payload: { ...facts, messageIds: leased.messageIds.map(String) },
    messages: storedParts(message, leased.messageIds),
  }
  if (leased.receiptId === null) return [relay]
  const receipt: ClaimedItem = {
    ...common,
    id: String(leased.receiptId),
    lane: lanes.chat(userId),
    purpose: 'receipt',
    priority: outboxPriority.userFacing,
    payload: { ...facts, userMessageId: message.parts[0]?.messageId ?? 0 },
  }
  return [relay, receipt]
}

/** Undefined when some parts had been stored before: then the rows tell which are new. */
function storedParts(message: IncomingMessage, ids: bigint[]): ClaimedItem['messages'] {
  if (ids.length !== message.parts.length) return undefined
  const parts = [...message.parts].sort((a, b) => a.messageId - b.messageId)
  return parts.map(({ kind, content }, index) => ({
    id: String(ids[index]),
    kind,
    content,
    topicChatId: null,
    topicMessageId: null,
  }))
}
