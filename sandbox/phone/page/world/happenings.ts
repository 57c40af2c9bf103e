import type { TimelineEntry, WireSession } from '#sandbox/stripe/control-types.ts'
import type { MessageView, WorldEvent } from '#sandbox/telegram/control-types.ts'
import type { Happening } from '../narration/narration.ts'
import { objectsOf, personBehind } from '../narration/stripe-people.ts'
import { answerArrived } from './actions.ts'
import { showToast } from './attempt.ts'
import { stripe, telegram } from './control.ts'
import { noticeForGuide } from './guide-progress.ts'
import { castNow, narrate } from './narrate.ts'
import { refreshChat, refreshGroup, refreshPeople } from './refresh.ts'
import { chatKey, getState, setState } from './store.ts'

const TYPING_SHOWN_MS = 5_000

/** Happenings are told in order although some need a look at the world first. */
let telling: Promise<void> = Promise.resolve()

function tellInTurn(look: () => Promise<Happening>): void {
  telling = telling
    .then(look)
    .then(narrate)
    .catch((error: unknown) => showToast('phone', `The timeline missed something: ${String(error)}`, 'bad'))
}

export function onStripe(entry: TimelineEntry): void {
  noticeForGuide(entry)
  tellInTurn(async () => ({ source: 'stripe', entry, sessions: await sessionsFor(entry) }))
}

/** A page that was opened later has not seen whom Stripe made a pay page for, but Stripe still knows. */
async function sessionsFor(entry: TimelineEntry): Promise<WireSession[]> {
  const objects = objectsOf(entry)
  const isKnown = objects.length === 0 || personBehind(getState().narration, objects, castNow()) !== null
  return isKnown ? [] : stripe('listSessions')
}

/** Takes an event of the Telegram stand-in; one that is `past` is told, but what it changed is on the page already. */
export function onTelegram(event: WorldEvent, past: boolean): void {
  // Looked up at once, because the answer to a tap often takes the buttons away.
  const shown = event.type === 'callback' ? shownMessage(event.chatId, event.messageId) : undefined
  tellInTurn(async () => {
    const message = shown ?? (await messageOf(event))
    // What was tapped in the past may be called something else by now.
    return { source: 'telegram', event, message: past && message ? { ...message, buttons: [] } : message }
  })
  if (!past) follow(event)
}

function follow(event: WorldEvent): void {
  const { setup } = getState()
  switch (event.type) {
    case 'message':
      noticeUnread(event)
      if (event.fromBot) endTyping(event)
      refreshChat(event.chatId)
      break
    case 'edited':
    case 'deleted':
    case 'reaction':
    case 'pin':
      refreshChat(event.chatId)
      break
    case 'topic':
    case 'chat':
      if (event.chatId === setup?.groupId) refreshGroup()
      break
    case 'user':
      refreshPeople()
      break
    case 'action':
      showTyping(event)
      break
    case 'callback-answer':
      answerArrived(event.callbackQueryId, event.answer)
      break
    case 'commands':
      setState({ commands: {} })
      break
    default:
  }
}

function shownMessage(chatId: number, messageId: number): MessageView | undefined {
  const all = Object.values(getState().messages).flat()
  return all.find((message) => message.chatId === chatId && message.messageId === messageId)
}

async function messageOf(event: WorldEvent) {
  const wanted = event.type === 'callback' || ((event.type === 'message' || event.type === 'edited') && !event.fromBot)
  if (!wanted) return null
  const { chatId, messageId } = event
  return telegram('getMessage', { chatId, messageId })
}

function noticeUnread(event: Extract<WorldEvent, { type: 'message' }>): void {
  const { personId, setup } = getState()
  if (!event.fromBot || event.chatId === personId || !setup?.peopleIds.includes(event.chatId)) return
  setState(({ unreadOf }) => ({ unreadOf: { ...unreadOf, [event.chatId]: (unreadOf[event.chatId] ?? 0) + 1 } }))
}

function keyOfEvent(event: { chatId: number; threadId?: number }): string {
  return chatKey(event.chatId, event.chatId > 0 ? null : (event.threadId ?? 'general'))
}

function endTyping(event: { chatId: number; threadId?: number }): void {
  const key = keyOfEvent(event)
  if (getState().typingUntil[key]) setState(({ typingUntil }) => ({ typingUntil: { ...typingUntil, [key]: 0 } }))
}

function showTyping(event: Extract<WorldEvent, { type: 'action' }>): void {
  const key = keyOfEvent(event)
  const until = Date.now() + TYPING_SHOWN_MS
  setState(({ typingUntil }) => ({ typingUntil: { ...typingUntil, [key]: until } }))
  setTimeout(() => {
    if (getState().typingUntil[key] === until)
      setState(({ typingUntil }) => ({ typingUntil: { ...typingUntil, [key]: 0 } }))
  }, TYPING_SHOWN_MS)
}
