import type { CallRecord, MessageView, WorldEvent } from '#sandbox/telegram/control-types.ts'
import { isSetUp, lineOfCall } from './line-of-call.ts'
import {
  addStep,
  addStory,
  type Cast,
  type Narration,
  payLinksIn,
  recentStory,
  recentStoryOf,
  rememberReferences,
  rememberThread,
  type Step,
} from './narration.ts'
import { deedOf, money, nameInSentence, quote } from './words.ts'

/** Continues the narration with an event of the Telegram stand-in. */
export function tellTelegram(
  narration: Narration,
  event: WorldEvent,
  message: MessageView | null | undefined,
  cast: Cast,
): Narration {
  switch (event.type) {
    case 'message':
    case 'edited':
      return event.fromBot || !message ? narration : tellDeed(narration, event, message, cast)
    case 'callback':
      return tellPress(narration, event, message, cast)
    case 'call':
      return tellCall(narration, event.call, cast)
    default:
      return narration
  }
}

function tellDeed(
  narration: Narration,
  event: Extract<WorldEvent, { type: 'message' | 'edited' }>,
  message: MessageView,
  cast: Cast,
): Narration {
  if (message.service) return tellPayment(narration, event, message, cast)
  const inGroup = message.chatId === cast.groupId
  const personId = inGroup ? (narration.personOfThread[threadKey(message)] ?? null) : message.author.id
  if (message.albumId && event.type === 'message') {
    const id = `album-${message.albumId}`
    if (narration.stories.some((story) => story.id === id)) return narration
    return addStory(narration, { id, at: event.at, title: titleOf(), personId, tone: 'plain', wire: wireOf() })
  }
  const id = `telegram-${event.seq}`
  return addStory(narration, { id, at: event.at, title: titleOf(), personId, tone: 'plain', wire: wireOf() })

  function titleOf(): string {
    const author = nameInSentence(cast.knows(message.author.id) ? cast.nameOf(message.author.id) : message.author.name)
    if (event.type === 'edited') return `${author} edited a message to ${quote(message.text ?? '')}`
    if (!inGroup) return `${author} ${deedOf(message)}`
    if (personId === null) return `${author} ${deedOf(message)} in the team’s group`
    const person = nameInSentence(cast.nameOf(personId))
    if (/^(\/\/|\/note\b)/.test(message.text ?? '')) return `${author} left a note about ${person}`
    return message.text?.startsWith('/') ? `${author} ${deedOf(message)}` : `${author} answered ${person}: ${answer()}`
  }

  function answer(): string {
    return message.text && !message.media ? quote(message.text) : deedOf(message).replace(/^sent /, '')
  }

  function wireOf() {
    return { title: 'Message', at: event.at, durationMs: null, sent: message.wire, received: null }
  }
}

function tellPayment(
  narration: Narration,
  event: Extract<WorldEvent, { type: 'message' | 'edited' }>,
  message: MessageView,
  cast: Cast,
): Narration {
  if (message.service !== 'successful_payment') return narration
  const { total_amount: amount, currency } = message.wire.successful_payment as Record<string, unknown>
  const personId = message.author.id
  const title = `${nameInSentence(cast.nameOf(personId))} paid ${money(amount, currency)}`
  const wire = { title: 'Message', at: event.at, durationMs: null, sent: message.wire, received: null }
  return addStory(narration, { id: `telegram-${event.seq}`, at: event.at, title, personId, tone: 'plain', wire })
}

function tellPress(
  narration: Narration,
  event: Extract<WorldEvent, { type: 'callback' }>,
  message: MessageView | null | undefined,
  cast: Cast,
): Narration {
  const label = message?.buttons?.flat().find((button) => button.callback_data === event.data)?.text
  const inGroup = event.chatId === cast.groupId
  const personId = inGroup ? ((message && narration.personOfThread[threadKey(message)]) ?? null) : event.chatId
  const who = inGroup ? 'The team' : nameInSentence(cast.nameOf(event.chatId))
  return addStory(narration, {
    id: `telegram-${event.seq}`,
    at: event.at,
    // An old button is gone by the time the page is opened anew.
    title: `${who} tapped ${label === undefined ? 'a button' : quote(label)}`,
    personId,
    tone: 'plain',
    wire: { title: 'callback_query', at: event.at, durationMs: null, sent: event, received: null },
  })
}

function tellCall(narration: Narration, call: CallRecord, cast: Cast): Narration {
  const line = lineOfCall(call, cast)
  if (!line) return narration
  const learned = learnThread(narration, call, cast)
  const personId = personOfCall(learned, call, cast)
  const step: Step = {
    id: `call-${call.seq}`,
    text: line.text,
    tone: line.tone,
    durationMs: Math.round(call.durationMs),
    wire: {
      title: call.method,
      at: call.at,
      durationMs: Math.round(call.durationMs),
      sent: call.params,
      received: call.error ?? call.result,
    },
  }
  const about = personId === null ? recentStory(learned, call.at) : recentStoryOf(learned, personId, call.at)
  const itself = isSetUp(call.method) ? `${cast.botName} gets ready` : cast.botName
  const otherwise = personId === null ? itself : `${cast.botName} to ${nameInSentence(cast.nameOf(personId))}`
  const told = addStep(learned, about, step, { title: otherwise, personId })
  return personId === null ? told : rememberReferences(told, payLinksIn(call.params.reply_markup), personId)
}

/** A new topic belongs to the person whose number its name carries, or else to whom the last story is about. */
function learnThread(narration: Narration, call: CallRecord, cast: Cast): Narration {
  if (call.method !== 'createForumTopic' || call.error) return narration
  const threadId = (call.result as { message_thread_id?: unknown } | undefined)?.message_thread_id
  if (typeof threadId !== 'number') return narration
  const named = [...String(call.params.name).matchAll(/\d{3,}/g)].map(([digits]) => Number(digits))
  const personId = named.find((id) => cast.isPerson(id)) ?? narration.stories.at(-1)?.personId ?? null
  return personId === null
    ? narration
    : rememberThread(narration, `${Number(call.params.chat_id)}:${threadId}`, personId)
}

function personOfCall(narration: Narration, call: CallRecord, cast: Cast): number | null {
  const { chat_id: chat, from_chat_id: from, message_thread_id: thread } = call.params
  if (cast.isPerson(Number(chat))) return Number(chat)
  if (cast.isPerson(Number(from))) return Number(from)
  const result = call.result as { message_thread_id?: number } | undefined
  const threadId = Number(thread ?? result?.message_thread_id)
  const inThread = narration.personOfThread[`${Number(chat)}:${threadId}`]
  return inThread ?? null
}

function threadKey(message: MessageView): string {
  return `${message.chatId}:${message.threadId ?? 'general'}`
}
