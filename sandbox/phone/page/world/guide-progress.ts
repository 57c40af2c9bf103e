import type { TimelineEntry, WireObject } from '#sandbox/stripe/control-types.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { stripe } from './control.ts'
import { chatKey, getState, type PageState, setState } from './store.ts'
import { readStored } from './stored.ts'

const KEY = 'paydesk-sandbox-guide-done'

/** What a newcomer has done so far, seen from what really happened in the world. */
export interface GuideProgress {
  started: boolean
  bought: boolean
  wrote: boolean
  answered: boolean
}

/** A payment is only seen in Stripe; everything else is read off the chats. */
export function noticeForGuide(entry: TimelineEntry): void {
  if (entry.kind === 'event' && isPurchase(entry.event.data.object)) rememberDone({ bought: true })
}

export async function lookForPayments(): Promise<void> {
  if ((await stripe('listSessions', { status: 'complete' })).some(isPurchase)) rememberDone({ bought: true })
}

/** Saving a card goes through a session too, but nothing is paid. */
function isPurchase({ object, payment_status }: WireObject): boolean {
  return object === 'checkout.session' && payment_status === 'paid'
}

interface Remembered {
  worldId: string
  done: Partial<GuideProgress>
}

/** What was done in another world does not count in this one. */
export function recallDone(worldId: string): Partial<GuideProgress> {
  const remembered = readStored<Remembered>(localStorage, KEY, { worldId, done: {} })
  return remembered.worldId === worldId ? remembered.done : {}
}

/** Messages scroll out of what is loaded and topics are deleted; a step that was done stays done all the same. */
export function rememberDone(seen: Partial<GuideProgress>): void {
  const { setup, guideDone } = getState()
  const isNew = Object.entries(seen).some(([step, done]) => done && !guideDone[step as keyof GuideProgress])
  if (!setup || !isNew) return
  const done = { ...guideDone, ...onlyDone(seen) }
  localStorage.setItem(KEY, JSON.stringify({ worldId: setup.worldId, done } satisfies Remembered))
  setState({ guideDone: done })
}

function onlyDone(seen: Partial<GuideProgress>): Partial<GuideProgress> {
  return Object.fromEntries(Object.entries(seen).filter(([, done]) => done))
}

/** Nobody can buy, write or be answered without having come first. */
export function guideProgress(state: PageState): GuideProgress {
  const { guideDone } = state
  const seen = seenNow(state)
  const bought = guideDone.bought || seen.bought
  const answered = guideDone.answered || seen.answered
  const wrote = answered || guideDone.wrote || seen.wrote
  return { started: bought || wrote || guideDone.started || seen.started, bought, wrote, answered }
}

function seenNow({ setup, messages, topics }: PageState): GuideProgress {
  const ofUsers = (setup?.peopleIds ?? []).flatMap((id) => messages[chatKey(id)] ?? [])
  const ofTopics = setup ? topics.flatMap(({ threadId }) => messages[chatKey(setup.groupId, threadId)] ?? []) : []
  return {
    started: ofUsers.some((message) => message.outgoing && message.text === '/start'),
    bought: ofUsers.some((message) => message.wire.successful_payment !== undefined),
    wrote: topics.length > 0 && ofUsers.some((message) => message.outgoing && isForTheTeam(message)),
    answered: ofTopics.some((message) => isFromTheTeam(message)),
  }
}

function isForTheTeam(message: MessageView): boolean {
  return !message.service && !message.text?.startsWith('/')
}

function isFromTheTeam(message: MessageView): boolean {
  return (message.outgoing || message.author.anonymous) && isForTheTeam(message)
}
