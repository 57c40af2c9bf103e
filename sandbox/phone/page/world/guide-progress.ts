import type { TimelineEntry } from '#sandbox/stripe/control-types.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { stripe } from './control.ts'
import { chatKey, type PageState, setState } from './store.ts'

const PAID_KEY = 'paydesk-sandbox-paid'

/** What a newcomer has done so far, seen from what really happened in the world. */
export interface GuideProgress {
  started: boolean
  bought: boolean
  wrote: boolean
  answered: boolean
}

/** A payment is only seen in Stripe; everything else is read off the chats. */
export function noticeForGuide(entry: TimelineEntry): void {
  if (entry.kind !== 'event' || entry.event.type !== 'checkout.session.completed') return
  rememberPaid()
}

/** Stripe forgets with every restart of the sandbox, while the chats stay; so this browser remembers. */
function rememberPaid(): void {
  localStorage.setItem(PAID_KEY, 'yes')
  setState({ paid: true })
}

export async function lookForPayments(): Promise<void> {
  const isRemembered = localStorage.getItem(PAID_KEY) === 'yes'
  if (isRemembered || (await stripe('listSessions', { status: 'complete' })).length > 0) rememberPaid()
}

export function guideProgress(state: PageState): GuideProgress {
  const { setup, messages, topics, paid } = state
  const ofUsers = (setup?.peopleIds ?? []).flatMap((id) => messages[chatKey(id)] ?? [])
  const ofTopics = setup ? topics.flatMap(({ threadId }) => messages[chatKey(setup.groupId, threadId)] ?? []) : []
  return {
    started: ofUsers.some((message) => message.outgoing && message.text === '/start'),
    bought: (paid && ofUsers.length > 0) || ofUsers.some((message) => message.wire.successful_payment !== undefined),
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
