import type { AlbumItem, CallbackAnswer, MediaItem, MessageView } from '#sandbox/telegram/control-types.ts'
import type { InvoiceRef } from '#sandbox/telegram/control-types-stars.ts'
import { attempt, showToast } from './attempt.ts'
import { telegram } from './control.ts'
import { isGroup, pathOfTelegramLink, rememberPerson } from './entrance.ts'
import { nameOf, narrateDeed } from './narrate.ts'
import { markSeen, openThread, refreshPeople } from './refresh.ts'
import { chatKey, getState, type Side, setState, type Thread } from './store.ts'

const PRESS_WAITS_MS = 12_000

/** Who acts where: a user in the chat with the bot, or the owner in the team's group. */
export interface Seat {
  side: Side
  userId: number
  chatId: number
  thread: Thread | null
  anonymous: boolean
}

function senderOf(seat: Seat): { userId: number; chatId: number; threadId?: number; anonymous?: boolean } {
  return {
    userId: seat.userId,
    chatId: seat.chatId,
    ...(typeof seat.thread === 'number' ? { threadId: seat.thread } : {}),
    ...(seat.anonymous ? { anonymous: true } : {}),
  }
}

export function sendText(seat: Seat, text: string, replyTo?: number): Promise<boolean> {
  return attempt(seat.side, () =>
    telegram('sendText', { ...senderOf(seat), text, ...(replyTo === undefined ? {} : { replyTo }) }),
  )
}

export function sendMedia(seat: Seat, item: MediaItem, replyTo?: number): Promise<boolean> {
  return attempt(seat.side, () =>
    telegram('sendMedia', { ...senderOf(seat), ...item, ...(replyTo === undefined ? {} : { replyTo }) }),
  )
}

export function sendAlbum(seat: Seat, items: AlbumItem[]): Promise<boolean> {
  return attempt(seat.side, () => telegram('sendAlbum', { ...senderOf(seat), items }))
}

export function editMessage(seat: Seat, message: MessageView, text: string): Promise<boolean> {
  const { chatId, messageId } = message
  const changed = message.media ? { caption: text } : { text }
  return attempt(seat.side, () => telegram('editMessage', { chatId, messageId, ...changed }))
}

export async function react(seat: Seat, message: MessageView, emoji: string): Promise<void> {
  const mine = message.reactions.filter((reaction) => reaction.mine).map((reaction) => reaction.emoji)
  const { chatId, messageId } = message
  const next = mine.includes(emoji) ? null : emoji
  const done = await attempt(seat.side, () =>
    telegram('react', { chatId, messageId, userId: seat.userId, emoji: next }),
  )
  const who = nameOf(seat.userId)
  if (done) narrateDeed(next ? `${who} reacted with ${next}` : `${who} took a reaction back`, personBehind(seat))
}

export function deleteMessage(seat: Seat, message: MessageView): Promise<boolean> {
  return attempt(seat.side, () =>
    telegram('deleteMessages', { chatId: message.chatId, messageIds: [message.messageId] }),
  )
}

export function togglePin(seat: Seat, message: MessageView): Promise<boolean> {
  const { chatId, messageId } = message
  return attempt(seat.side, () =>
    message.pinned
      ? telegram('unpinMessage', { chatId, messageId })
      : telegram('pinMessage', { chatId, messageId, userId: seat.userId }),
  )
}

/** Taps a button that asks the bot; it spins until the answer comes or Telegram would have given up. */
export async function press(seat: Seat, message: MessageView, row: number, column: number): Promise<void> {
  const button = message.buttons?.[row]?.[column]
  if (!button) return
  const { chatId, messageId } = message
  const target = button.callback_data === undefined ? { label: button.text } : { data: button.callback_data }
  await attempt(seat.side, async () => {
    const pressed = await telegram('pressButton', { chatId, messageId, userId: seat.userId, ...target })
    const id = pressed.callbackQueryId
    if (id === null) return
    setState(({ presses }) => ({ presses: { ...presses, [id]: { side: seat.side, chatId, messageId, row, column } } }))
    setTimeout(() => forgetPress(id), PRESS_WAITS_MS)
    // The answer may have come before the tap was noted here; the one that is seen first counts.
    const answered = await telegram('getCallbackAnswer', { callbackQueryId: id })
    if (answered) answerArrived(id, answered)
  })
}

function forgetPress(callbackQueryId: string): void {
  setState(({ presses }) => {
    const { [callbackQueryId]: _, ...others } = presses
    return { presses: others }
  })
}

export function answerArrived(callbackQueryId: string, answer: CallbackAnswer): void {
  const pressed = getState().presses[callbackQueryId]
  if (!pressed) return
  forgetPress(callbackQueryId)
  showAnswer(pressed.side, answer)
}

function showAnswer(side: Side, answer: CallbackAnswer): void {
  if (answer.url) window.open(answer.url, '_blank', 'noreferrer')
  if (!answer.text) return
  if (answer.showAlert) setState({ alert: { side, text: answer.text } })
  else showToast(side, answer.text)
}

export async function payInvoice({ side, userId }: Pick<Seat, 'side' | 'userId'>, invoice: InvoiceRef): Promise<void> {
  await attempt(side, async () => {
    const outcome = await telegram('payInvoice', { ...invoice, userId })
    if (outcome.status === 'declined') showToast(side, outcome.reason, 'bad')
    if (outcome.status === 'timed-out') showToast(side, 'The bot did not confirm the payment in time', 'bad')
    if (outcome.status === 'already-paid') showToast(side, 'This was paid already')
  })
}

export function choosePerson(personId: number): void {
  rememberPerson(personId)
  setState((now) => ({ personId, unreadOf: { ...now.unreadOf, [personId]: 0 } }))
}

export async function chooseThread(thread: Thread): Promise<void> {
  setState({ isTopicOpen: true })
  await attempt('team', () => openThread(thread))
}

export async function setBlocked(userId: number, blocked: boolean): Promise<void> {
  const done = await attempt('phone', () => telegram(blocked ? 'blockBot' : 'unblockBot', { userId }))
  if (!done) return
  narrateDeed(`${nameOf(userId)} ${blocked ? 'blocked' : 'unblocked'} the bot`, userId)
  refreshPeople()
}

export async function changeTopic(seat: Seat, change: 'close' | 'reopen' | 'delete' | { name: string }): Promise<void> {
  const { chatId, thread, userId } = seat
  if (typeof thread !== 'number') return
  const topic = { chatId, threadId: thread }
  const deed =
    typeof change === 'string' ? { close: 'closed', reopen: 'reopened', delete: 'deleted' }[change] : 'renamed'
  const done = await attempt('team', () => {
    if (change === 'close') return telegram('closeTopic', { ...topic, userId })
    if (change === 'reopen') return telegram('reopenTopic', { ...topic, userId })
    if (change === 'delete') return telegram('deleteTopic', topic)
    return telegram('renameTopic', { ...topic, userId, name: change.name })
  })
  if (done) narrateDeed(`${nameOf(userId)} ${deed} the topic`, personBehind(seat))
}

function personBehind(seat: Seat): number | null {
  if (seat.side === 'phone') return seat.userId
  return getState().narration.personOfThread[chatKey(seat.chatId, seat.thread)] ?? null
}

/** What is on the screen counts as read. */
export function sawThread(): void {
  const { thread } = getState()
  if (thread !== null) markSeen(thread)
}

/** The way into the dashboard is the real one: the owner asks the bot for a link that works once. */
export function askForDashboard(): void {
  const { setup } = getState()
  if (!setup) return
  const { ownerId } = setup
  choosePerson(ownerId)
  setState({ tab: 'phone' })
  void sendText({ side: 'phone', userId: ownerId, chatId: ownerId, thread: null, anonymous: false }, '/login').then(
    (sent) => sent && showToast('phone', 'The bot answers with a link that works once'),
  )
}

/** Follows a link of Telegram's, or of this page that stands for it; false for any other address. */
export function followTelegramLink(href: string): boolean {
  const { setup, personId } = getState()
  if (/^https:\/\/t\.me\/\$\w+$/.test(href)) {
    void payInvoice({ side: 'phone', userId: personId }, { link: href })
    return true
  }
  const match = /^\/(?:c\/(?<group>\d+)\/(?<thread>\d+)|(?<bot>\w+)\/?(?:\?start=(?<start>[\w-]+))?)/.exec(
    pathOfTelegramLink(href) ?? '',
  )
  if (!match?.groups || !setup) return false
  const { group, thread, bot, start } = match.groups
  if (thread && isGroup(setup, group)) {
    setState({ tab: 'team' })
    void chooseThread(Number(thread))
    return true
  }
  if (bot?.toLowerCase() !== setup.bot.username.toLowerCase()) return false
  const seat: Seat = { side: 'phone', userId: personId, chatId: personId, thread: null, anonymous: false }
  void sendText(seat, start ? `/start ${start}` : '/start')
  return true
}

/** Of who opened the page by a link into the bot's chat it says, once, what Telegram's Start button would. */
export function followArrival(): void {
  const { href, pathname, search } = window.location
  if (!new URLSearchParams(search).has('start')) return
  window.history.replaceState(null, '', pathname)
  followTelegramLink(href)
}
