import type { Message } from 'grammy/types'
import { classifyTelegramError, type TelegramFailure } from '#bot/telegram/errors.ts'
import { resendMessage } from '#bot/telegram/resend.ts'
import type { OutboxContext, Outcome } from '#bot/workers/outbox/context.ts'
import { judge } from '#bot/workers/outbox/policy.ts'
import { loadMessages } from '#bot/workers/outbox/senders/relay.ts'
import type { ClaimedItem, OutboxMessage } from '#core/outbox/claim-items.ts'
import type { OutboxPayload } from '#core/outbox/outbox-item.ts'
import type { Person } from '#core/outbox/read-outbox-facts.ts'

/** Telegram's list of reactions has no check mark. */
const DELIVERED = '👍'

/** Brings the team's answer to the user and says in the topic how that went. */
export async function sendReply(
  context: OutboxContext,
  item: ClaimedItem,
  payload: OutboxPayload<'reply'>,
): Promise<Outcome> {
  const person = item.userId === null ? undefined : await context.facts.freshPerson(item.userId)
  const stored = await loadMessages(context, item, payload.messageIds)
  const first = stored[0]
  if (!person || !first) return { status: 'refused', reason: 'The answer is not stored', quiet: false }
  let ids: (number | null)[]
  try {
    ids = await copyToUser(context, Number(person.userId), stored)
  } catch (error) {
    const failure = classifyTelegramError(error)
    const isLast = judge(error, item.purpose, item.attempts, () => 0).do === 'bury'
    const text = failure && (explanationKey(failure) ?? (isLast ? 'reply-failed-unanswered' : null))
    if (!failure || !text) throw error
    await explain(context, person, first, text, failure)
    return { status: 'refused', reason: failure.reason, quiet: !isUnclear(failure) }
  }
  confirm(context, first)
  return {
    status: 'sent',
    effects: {
      answered: stored.map(({ id }, index) => ({ messageId: id, userMessageId: ids[index] ?? null })),
      receipt: { userId: person.userId, messageId: null },
    },
  }
}

async function copyToUser(
  { apis: { user: api } }: OutboxContext,
  chatId: number,
  stored: readonly OutboxMessage[],
): Promise<(number | null)[]> {
  const from = stored[0]?.topicChatId ?? null
  const messageIds = stored.flatMap(({ topicMessageId }) => topicMessageId ?? [])
  if (from === null || messageIds.length < stored.length) return sendStored(api, chatId, stored)
  try {
    const [only] = messageIds
    if (only !== undefined && messageIds.length === 1) {
      return [(await api.copyMessage(chatId, from, only)).message_id]
    }
    const copies = await api.copyMessages(
      chatId,
      from,
      messageIds.toSorted((a, b) => a - b),
    )
    if (copies.length === 0) return sendStored(api, chatId, stored)
    // Telegram leaves out what it cannot copy and does not say which: then no place is known for certain.
    return copies.length === stored.length ? copies.map((copy) => copy.message_id) : stored.map(() => null)
  } catch (error) {
    const failure = classifyTelegramError(error)
    const isUncopyable = failure?.kind === 'forbidden-kind' && failure.what === 'protected'
    if (failure?.kind !== 'message-gone' && !isUncopyable) throw error
    return sendStored(api, chatId, stored, error)
  }
}

/** From what is stored: answers that stand in no topic, or stood there and were deleted. */
async function sendStored(
  api: OutboxContext['apis']['user'],
  chatId: number,
  stored: readonly OutboxMessage[],
  cause: unknown = new Error('This kind of answer can only be copied'),
): Promise<number[]> {
  const ids: number[] = []
  for (const { content } of stored) {
    const id = await resendMessage(api, content as Message, { chatId, threadId: null })
    if (id === null) throw cause
    ids.push(id)
  }
  return ids
}

/** A sign on the answer; not worth another try when Telegram refuses it. */
function confirm({ apis, afterwards }: OutboxContext, { topicChatId, topicMessageId }: OutboxMessage): void {
  if (topicChatId === null || topicMessageId === null) return
  afterwards('confirm an answer', () =>
    apis.relay.setMessageReaction(topicChatId, topicMessageId, [{ type: 'emoji', emoji: DELIVERED }]),
  )
}

/** Whether nobody knows what became of it. Then the topic may be out of reach, too, and an alert tells more people. */
const isUnclear = ({ kind }: TelegramFailure) => kind === 'lost' || kind === 'server-error'

/** The text for failures that another try would not mend; null for the others. */
function explanationKey(failure: TelegramFailure): string | null {
  switch (failure.kind) {
    case 'blocked':
    case 'deactivated':
    case 'chat-gone':
    case 'message-gone':
      return `reply-failed-${failure.kind}`
    case 'forbidden-kind':
      return `reply-failed-${failure.what}`
    case 'bad-request':
    case 'no-rights':
    case 'file-gone':
      return 'reply-failed-other'
    default:
      return null
  }
}

/** Says in the topic, under the answer, why it did not arrive and what can be done. */
async function explain(
  { apis, i18n, teamLocale, log, markUnreachable }: OutboxContext,
  person: Person,
  { topicChatId, topicMessageId, content }: OutboxMessage,
  key: string,
  failure: TelegramFailure,
): Promise<void> {
  if (failure.kind === 'blocked' || failure.kind === 'deactivated') await markUnreachable(person.userId)
  if (topicChatId === null || topicMessageId === null) return
  const { message_thread_id: threadId, is_topic_message: isInTopic } = content as Message
  try {
    await apis.relay.sendMessage(topicChatId, i18n.t(teamLocale, key, { reason: failure.reason }), {
      ...(isInTopic && threadId !== undefined && { message_thread_id: threadId }),
      reply_parameters: { message_id: topicMessageId, allow_sending_without_reply: true },
    })
  } catch (error) {
    const problem = classifyTelegramError(error)
    if (!problem || problem.kind === 'not-sent') throw error
    log.warn({ userId: person.userId, reason: problem.reason }, 'failure of an answer not told in the topic')
  }
}
