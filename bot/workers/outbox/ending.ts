import { classifyTelegramError } from '#bot/telegram/errors.ts'
import type { OutboxContext, Outcome } from '#bot/workers/outbox/context.ts'
import { type Backoff, judge } from '#bot/workers/outbox/policy.ts'
import { followGroup } from '#bot/workers/outbox/senders/topic.ts'
import type { ClaimedItem } from '#core/outbox/claim-items.ts'
import { done, type Finish, released } from '#core/outbox/finish-items.ts'
import { storableText } from '#core/storable-text.ts'

/** What a sender's outcome means for its row, and for those behind it that went along. */
export function endOf(
  context: OutboxContext,
  item: ClaimedItem,
  behind: readonly ClaimedItem[],
  outcome: Outcome,
): Finish {
  switch (outcome.status) {
    case 'sent': {
      const along = behind.slice(0, outcome.along ?? 0)
      return done(item.id, outcome.effects, idsOf(along))
    }
    case 'later': {
      const { afterMs, reason: error } = outcome
      return again(item, { afterMs, unknown: false, attempts: item.attempts, error })
    }
    case 'refused':
      return bury(context, item, outcome.reason, outcome.quiet)
  }
}

/** What a sender's error means for its row, and for everybody whom the error concerns. */
export function endOfError(context: OutboxContext, item: ClaimedItem, error: unknown, backoff: Backoff): Finish {
  const failure = classifyTelegramError(error)
  const reason = storableText(failure?.reason ?? (error instanceof Error ? error.message : String(error)))
  if (failure?.kind === 'migrated') followGroup(context, failure.toChatId)
  if (failure?.kind === 'unauthorized') tellUnauthorized(context, reason)
  const verdict = judge(error, item.purpose, item.attempts, backoff)
  const facts = { id: item.id, purpose: item.purpose, userId: item.userId, attempts: item.attempts, reason }
  switch (verdict.do) {
    case 'release':
      return released(item.id)
    case 'again':
      context.log[failure ? 'warn' : 'error']({ ...facts, ...(!failure && { error }) }, 'outbox row not sent yet')
      return again(item, { ...verdict, error: reason })
    case 'bury': {
      const { userId } = item
      const isAway = failure?.kind === 'blocked' || failure?.kind === 'deactivated' || failure?.kind === 'chat-gone'
      const isToUser = item.lane.startsWith('chat:')
      if (isAway && isToUser && userId !== null) {
        context.afterwards('note an unreachable user', () => context.markUnreachable(userId))
      }
      return bury(context, item, reason, (isAway && isToUser) || item.purpose === 'receipt')
    }
  }
}

const idsOf = (items: readonly ClaimedItem[]) => items.map(({ id }) => id)

function again(
  item: ClaimedItem,
  { afterMs, unknown, attempts, error }: { afterMs: number; unknown: boolean; attempts: number; error: string },
): Finish {
  return { id: item.id, end: { status: 'again', afterMs, unknown, attempts, error }, effects: {} }
}

function bury(context: OutboxContext, item: ClaimedItem, reason: string, quiet: boolean): Finish {
  const { id, purpose, userId, payload } = item
  context.log[quiet ? 'info' : 'error']({ id, purpose, userId, reason }, 'outbox row given up')
  if (!quiet && purpose !== 'alert') {
    context.alert({
      key: `outbox:${purpose}`,
      severity: purpose === 'relay' ? 'urgent' : 'warning',
      title: purpose === 'relay' ? 'A message did not reach its topic' : 'Something was not delivered',
      detail: `${purpose} for user ${userId ?? '–'}: ${reason}. The message is in the dashboard.`,
    })
  }
  const failed = messageIdsOf(payload).map((messageId) => ({ messageId, failure: reason }))
  // Nobody has to look at it. Bought content stays all the same: it is owed again when its files are put right.
  if (quiet && purpose !== 'content') return done(id, { failed })
  return { id, end: { status: 'dead', attempts: item.attempts + 1, error: reason }, effects: { failed } }
}

function messageIdsOf(payload: unknown): string[] {
  if (typeof payload !== 'object' || payload === null || !('messageIds' in payload)) return []
  return Array.isArray(payload.messageIds) ? payload.messageIds.filter((id) => typeof id === 'string') : []
}

function tellUnauthorized({ alert }: OutboxContext, reason: string): void {
  alert({
    key: 'telegram.unauthorized',
    severity: 'urgent',
    title: 'Telegram does not accept the bot token',
    detail: `Nothing can be sent until BOT_TOKEN is right. Telegram says: ${reason}`,
  })
}
