import { type Api, GrammyError } from 'grammy'
import type { Message } from 'grammy/types'
import { classifyTelegramError, type TelegramFailureKind } from '#bot/telegram/errors.ts'
import { type Header, renderHeader } from '#bot/telegram/header.ts'
import { buildRelayCalls, type Place, type RelayCall, type RelayPart, targetOf } from '#bot/telegram/relay-calls.ts'
import { resendMessage } from '#bot/telegram/resend.ts'
import type { OutboxContext, Outcome } from '#bot/workers/outbox/context.ts'
import { bundleTexts } from '#bot/workers/outbox/senders/bundle.ts'
import { ensureTopic, reopenTopic } from '#bot/workers/outbox/senders/topic.ts'
import { assertNever } from '#core/assert-never.ts'
import { relayableKind } from '#core/conversations/message-kind.ts'
import type { ClaimedItem, OutboxMessage } from '#core/outbox/claim-items.ts'
import type { OutboxPayload } from '#core/outbox/outbox-item.ts'
import type { Person } from '#core/outbox/read-outbox-facts.ts'

/** Shows a user's message to the team: in the user's topic, or in General while there can be none. */
export async function sendRelay(
  context: OutboxContext,
  item: ClaimedItem,
  payload: OutboxPayload<'relay'>,
  behind: readonly ClaimedItem[],
): Promise<Outcome> {
  const userId = item.userId
  const person = userId === null ? undefined : await context.facts.person(userId)
  const messages = await loadMessages(context, item, payload.messageIds)
  const [first] = messages
  if (!person || !first) return { status: 'refused', reason: 'The message is not stored', quiet: false }
  const topic = await ensureTopic(context, person)
  if (topic.status === 'later') return topic
  const alone = { messages, parts: messages.map(toPart), payload }
  const bundle = await bundleTexts(context, first, behind)
  if (!bundle) return show(context, person, alone, topic.place)
  try {
    const together = { ...bundle, parts: [{ kind: 'text' as const, message: bundle.message }] }
    return await show(context, person, together, topic.place)
  } catch (error) {
    // One of them may be what Telegram does not take; the others shall not suffer for it.
    if (!isAboutContent(error)) throw error
    return show(context, person, alone, topic.place)
  }
}

interface Shown {
  messages: readonly OutboxMessage[]
  parts: readonly RelayPart[]
  payload: OutboxPayload<'relay'>
}

async function show(
  context: OutboxContext,
  person: Person,
  { messages, parts, payload }: Shown,
  place: Place,
): Promise<Outcome> {
  const delivered = await deliver(context, person, parts, headerFor(context, person, parts, payload), place)
  if (delivered.status === 'later') return delivered
  const { chatId } = delivered.place
  const isBundle = messages.length > parts.length
  const relayed = messages.flatMap(({ id }, index) => {
    const topicMessageId = delivered.ids[isBundle ? 0 : index]
    return topicMessageId === undefined ? [] : [{ messageId: id, chatId, topicMessageId }]
  })
  return { status: 'sent', effects: { relayed }, along: messages.length - parts.length }
}

export async function loadMessages(
  { facts }: OutboxContext,
  item: ClaimedItem,
  ids: readonly string[],
): Promise<OutboxMessage[]> {
  if (item.messages && item.messages.length === ids.length) return [...item.messages]
  const found = await Promise.all(ids.map((id) => facts.messages.load(id)))
  return found.filter((message) => message !== undefined)
}

function toPart({ content }: OutboxMessage): RelayPart {
  const message = content as Message
  return { kind: relayableKind(message) ?? 'document', message }
}

function headerFor(
  { settings, words, now }: OutboxContext,
  person: Person,
  parts: readonly RelayPart[],
  { credits, passUntil }: OutboxPayload<'relay'>,
): Header | null {
  const style = settings().header
  const kind = parts[0]?.kind
  if (style === 'off' || !kind) return null
  const user = { ...person, id: Number(person.userId) }
  const facts = { kind, user, tier: person.tier, credits, passUntil: passUntil === null ? null : new Date(passUntil) }
  return renderHeader(facts, { style, words, now: now() })
}

type Delivery =
  | { status: 'delivered'; place: Place; ids: number[] }
  | { status: 'later'; afterMs: number; reason: string }

/** Sends; a deleted topic is made again and a closed one reopened, and then it is sent once more. */
async function deliver(
  context: OutboxContext,
  person: Person,
  parts: readonly RelayPart[],
  header: Header | null,
  place: Place,
): Promise<Delivery> {
  const api = context.apis.relay
  try {
    return { status: 'delivered', place, ids: await sendParts(api, parts, header, place) }
  } catch (error) {
    const { threadId } = place
    const kind = classifyTelegramError(error)?.kind
    if (threadId === null || (kind !== 'topic-gone' && kind !== 'topic-closed')) throw error
    if (kind === 'topic-closed') {
      await reopenTopic(api, place.chatId, threadId)
      return { status: 'delivered', place, ids: await sendParts(api, parts, header, place) }
    }
    const topic = await ensureTopic(context, person, { chatId: place.chatId, threadId })
    if (topic.status === 'later') return topic
    return { status: 'delivered', place: topic.place, ids: await sendParts(api, parts, header, topic.place) }
  }
}

/** Errors about the content itself: another form of the same message may pass. */
const aboutContent = new Set<TelegramFailureKind>(['bad-request', 'message-gone', 'forbidden-kind'])

function isAboutContent(error: unknown): boolean {
  const kind = classifyTelegramError(error)?.kind
  return kind !== undefined && aboutContent.has(kind)
}

async function sendParts(
  api: Api,
  parts: readonly RelayPart[],
  header: Header | null,
  place: Place,
): Promise<number[]> {
  try {
    return await makeCalls(api, buildRelayCalls(parts, header, place))
  } catch (error) {
    if (!isAboutContent(error)) throw error
    return sendPlainly(api, parts, header, place, error)
  }
}

/** The header as bare text and each part from what is stored, whichever of the refused niceties was the trouble. */
async function sendPlainly(
  api: Api,
  parts: readonly RelayPart[],
  header: Header | null,
  place: Place,
  cause: unknown,
): Promise<number[]> {
  const { chat_id, ...thread } = targetOf(place)
  if (header) await api.sendMessage(chat_id, header.text, thread)
  const ids: number[] = []
  for (const { message } of parts) {
    const id = await resendMessage(api, message, place)
    if (id === null) throw cause
    ids.push(id)
  }
  return ids
}

async function makeCalls(api: Api, calls: readonly RelayCall[]): Promise<number[]> {
  const ids: number[] = []
  for (const call of calls) {
    const made = await makeCall(api, call)
    for (const [index, part] of call.parts.entries()) {
      const id = made[index]
      if (id !== undefined) ids[part] = id
    }
  }
  return ids
}

/** How Telegram refuses to copy a single message that is not there any more. */
const NOT_FOUND = { ok: false, error_code: 400, description: 'Bad Request: message to copy not found' } as const

async function makeCall(api: Api, call: RelayCall): Promise<number[]> {
  switch (call.method) {
    case 'sendMessage':
      return [(await api.raw.sendMessage(call.payload)).message_id]
    case 'copyMessage':
      return [(await api.raw.copyMessage(call.payload)).message_id]
    case 'copyMessages': {
      const copies = await api.raw.copyMessages(call.payload)
      if (copies.length === 0) throw new GrammyError('Nothing was copied', NOT_FOUND, call.method, call.payload)
      // Telegram leaves out what it cannot copy and does not say which: then no place is known for certain.
      return copies.length === call.parts.length ? copies.map((copy) => copy.message_id) : []
    }
    case 'sendMediaGroup':
      return (await api.raw.sendMediaGroup(call.payload)).map((message) => message.message_id)
    default:
      return assertNever(call)
  }
}
