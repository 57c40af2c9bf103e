import { classifyTelegramError, type TelegramFailureKind } from '#bot/telegram/errors.ts'
import type { OutboxContext, Outcome } from '#bot/workers/outbox-context.ts'
import type { ClaimedItem } from '#core/outbox/claim-items.ts'
import type { OutboxPayload } from '#core/outbox/outbox-item.ts'
import { topicName } from '#core/topics/topic-name.ts'

/** Passing troubles; anything else means that there is nothing left to put away. */
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
  { apis, settings }: OutboxContext,
  { userId }: ClaimedItem,
  { chatId, threadId, cardMessageId }: OutboxPayload<'farewell'>,
): Promise<Outcome> {
  const api = apis.background
  if (settings().erasedTopics === 'delete') {
    await forgiving(() => api.deleteForumTopic(chatId, threadId))
    return { status: 'sent', effects: {} }
  }
  if (cardMessageId !== null) await forgiving(() => api.deleteMessage(chatId, cardMessageId))
  const name = topicName({ id: BigInt(userId ?? 0), firstName: '', lastName: null })
  await forgiving(() => api.editForumTopic(chatId, threadId, { name }))
  await forgiving(() => api.closeForumTopic(chatId, threadId))
  return { status: 'sent', effects: {} }
}

async function forgiving(call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (passing.has(classifyTelegramError(error)?.kind)) throw error
  }
}
