import { classifyTelegramError, type TelegramFailureKind } from '#bot/telegram/errors.ts'
import type { OutboxContext, Outcome } from '#bot/workers/outbox/context.ts'
import type { ClaimedItem } from '#core/outbox/claim-items.ts'
import type { OutboxPayload } from '#core/outbox/outbox-item.ts'
import { topicName } from '#core/topics/topic-name.ts'

/** Passing troubles; after anything else trying again is of no use. */
const passing = new Set<TelegramFailureKind | undefined>([
  'retry-after',
  'migrated',
  'unauthorized',
  'server-error',
  'not-sent',
  'lost',
  undefined,
])

/** Puts away the topic of somebody who asked to be forgotten: without a name, without the card, and closed; or gone. */
export async function sendFarewell(
  { apis, settings, i18n, teamLocale }: OutboxContext,
  { userId }: ClaimedItem,
  { chatId, threadId, cardMessageId }: OutboxPayload<'farewell'>,
): Promise<Outcome> {
  const api = apis.background
  if (settings().erasedTopics === 'delete') {
    await succeeds(() => api.deleteForumTopic(chatId, threadId))
    return { status: 'sent', effects: {} }
  }
  if (cardMessageId !== null && !(await succeeds(() => api.deleteMessage(chatId, cardMessageId)))) {
    // Nobody deletes what is older than 48 hours, but a bot may edit its own messages for ever.
    await succeeds(() => api.editMessageText(chatId, cardMessageId, i18n.t(teamLocale, 'card-forgotten')))
  }
  const name = topicName({ id: BigInt(userId ?? 0), firstName: '', lastName: null })
  await succeeds(() => api.editForumTopic(chatId, threadId, { name }))
  await succeeds(() => api.closeForumTopic(chatId, threadId))
  return { status: 'sent', effects: {} }
}

/** False when there is nothing left to do it with, or Telegram does not allow it; passing troubles are thrown. */
async function succeeds(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call()
    return true
  } catch (error) {
    if (passing.has(classifyTelegramError(error)?.kind)) throw error
    return false
  }
}
