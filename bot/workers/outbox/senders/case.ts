import type { Api } from 'grammy'
import { renderCase } from '#bot/payments/case-message.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'
import type { Place } from '#bot/telegram/relay-calls.ts'
import type { OutboxContext, Outcome } from '#bot/workers/outbox/context.ts'
import { ensureTopic } from '#bot/workers/outbox/senders/topic.ts'
import type { ClaimedItem } from '#core/outbox/claim-items.ts'
import type { OutboxPayload } from '#core/outbox/outbox-item.ts'
import { findCase } from '#core/support/find-case.ts'

/** Brings a user's question about a payment to the user's topic, or to General while there can be none. */
export async function sendCase(
  context: OutboxContext,
  { userId }: ClaimedItem,
  { caseId }: OutboxPayload<'case'>,
): Promise<Outcome> {
  const person = userId === null ? undefined : await context.facts.freshPerson(userId)
  const found = await findCase(context.prisma, { caseId })
  if (!person || !found) return { status: 'refused', reason: 'There is no such case', quiet: false }
  const topic = await ensureTopic(context, person)
  if (topic.status === 'later') return topic
  const message = renderCase((key, args) => context.i18n.t(context.teamLocale, key, args), found)
  try {
    await send(context.apis.user, topic.place, message)
  } catch (error) {
    const kind = classifyTelegramError(error)?.kind
    const { chatId, threadId } = topic.place
    if (threadId === null || (kind !== 'topic-gone' && kind !== 'topic-closed')) throw error
    if (kind === 'topic-closed') await context.apis.user.reopenForumTopic(chatId, threadId)
    const place = kind === 'topic-closed' ? topic : await ensureTopic(context, person, { chatId, threadId })
    if (place.status === 'later') return place
    await send(context.apis.user, place.place, message)
  }
  return { status: 'sent', effects: {} }
}

async function send(api: Api, { chatId, threadId }: Place, { html, keyboard }: ReturnType<typeof renderCase>) {
  await api.sendMessage(chatId, html, {
    parse_mode: 'HTML',
    reply_markup: keyboard,
    ...(threadId === null ? {} : { message_thread_id: threadId }),
  })
}
