import type { TimelineEntry } from '#sandbox/stripe/control-types.ts'
import type { WorldEvent } from '#sandbox/telegram/control-types.ts'
import type { Setup } from '../../setup.ts'
import type { Happening } from '../narration/narration.ts'
import { answerArrived, showToast } from './actions.ts'
import { telegram } from './control.ts'
import { noticeForGuide } from './guide-progress.ts'
import { narrate } from './narrate.ts'
import { loadAll, refreshChat, refreshGroup, refreshPeople } from './refresh.ts'
import { chatKey, getState, setState } from './store.ts'

const RETRY_AFTER_MS = 1_500
const TYPING_SHOWN_MS = 5_000

/** Keeps the page like the world: loads everything once, then follows the event streams; begins anew when one breaks. */
export function startSync(): () => void {
  let streams: EventSource[] = []
  let retry: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  const connect = async () => {
    try {
      const setup = (await (await fetch('/setup.json')).json()) as Setup
      setState((now) => ({ setup, personId: now.personId || (setup.peopleIds[0] ?? 0) }))
      if (stopped) return
      streams = [
        listen('/telegram/control/events', (data) => onTelegram(data as WorldEvent), lost),
        listen('/stripe/control/events', (data) => onStripe(data as TimelineEntry), lost),
      ]
      await loadAll()
      setState({ connection: 'live' })
    } catch {
      lost()
    }
  }
  const lost = () => {
    for (const stream of streams) stream.close()
    streams = []
    if (stopped) return
    setState({ connection: 'lost' })
    clearTimeout(retry)
    retry = setTimeout(() => void connect(), RETRY_AFTER_MS)
  }
  reconnectNow = () => {
    clearTimeout(retry)
    setState({ connection: 'connecting' })
    void connect()
  }
  void connect()
  return () => {
    stopped = true
    clearTimeout(retry)
    for (const stream of streams) stream.close()
  }
}

let reconnectNow: () => void = () => undefined

export function reconnect(): void {
  reconnectNow()
}

function listen(url: string, onData: (data: unknown) => void, onLost: () => void): EventSource {
  const stream = new EventSource(url)
  stream.addEventListener('message', (event: MessageEvent<string>) => onData(JSON.parse(event.data)))
  stream.addEventListener('error', onLost)
  return stream
}

/** Happenings are told in order although some need a look at the world first. */
let telling: Promise<void> = Promise.resolve()

function tellInTurn(look: () => Promise<Happening>): void {
  telling = telling
    .then(look)
    .then(narrate)
    .catch((error: unknown) => showToast('phone', `The timeline missed something: ${String(error)}`, 'bad'))
}

function onStripe(entry: TimelineEntry): void {
  noticeForGuide(entry)
  tellInTurn(async () => ({ source: 'stripe', entry }))
}

function onTelegram(event: WorldEvent): void {
  tellInTurn(async () => ({ source: 'telegram', event, message: await messageOf(event) }))
  const { setup } = getState()
  switch (event.type) {
    case 'message':
      noticeUnread(event)
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
    case 'reset':
      reconnect()
      break
    default:
  }
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

function showTyping(event: Extract<WorldEvent, { type: 'action' }>): void {
  const isPrivate = event.chatId > 0
  const key = chatKey(event.chatId, isPrivate ? null : (event.threadId ?? 'general'))
  const until = Date.now() + TYPING_SHOWN_MS
  setState(({ typingUntil }) => ({ typingUntil: { ...typingUntil, [key]: until } }))
  setTimeout(() => {
    if (getState().typingUntil[key] === until)
      setState(({ typingUntil }) => ({ typingUntil: { ...typingUntil, [key]: 0 } }))
  }, TYPING_SHOWN_MS)
}
