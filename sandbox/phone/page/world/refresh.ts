import type { MessageView, TopicView } from '#sandbox/telegram/control-types.ts'
import { attempt } from './attempt.ts'
import { telegram } from './control.ts'
import { lookForPayments } from './guide-progress.ts'
import { chatKey, getState, type PageState, setState, type Thread } from './store.ts'
import { readStored } from './stored.ts'
import { lookForTroubles } from './troubles.ts'

const FIRST_PAGE = 80
const GATHER_MS = 20
/** Read in advance, so that the guide knows what was done before. */
const MOST_TOPICS_READ = 10
const SEEN_KEY = 'paydesk-sandbox-seen'

/** Everything that is on the screen, from scratch. */
export async function loadAll(): Promise<void> {
  setState({ seenInThread: readStored(localStorage, SEEN_KEY, {}) })
  await loadPeople()
  const { setup } = getState()
  await Promise.all([
    loadGroup(),
    lookForPayments(),
    lookForTroubles(),
    ...(setup?.peopleIds ?? []).map((id) => loadMessages(id, null)),
  ])
  const newest = getState().topics.slice(0, MOST_TOPICS_READ)
  await Promise.all(newest.map(({ chatId, threadId }) => loadMessages(chatId, threadId)))
}

/** Several changes in a row cost one look at the world; a change during a look costs one more. */
function gathered(load: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = false
  const schedule = () => {
    timer ??= setTimeout(() => void run(), GATHER_MS)
  }
  const run = async () => {
    timer = undefined
    if (running) return schedule()
    running = true
    // A sandbox that is gone is noticed by the event streams; a look that failed is told and made up by the next one.
    await attempt('phone', load)
    running = false
  }
  return schedule
}

const refreshers = new Map<number, () => void>()

export function refreshChat(chatId: number): void {
  const { setup } = getState()
  if (chatId === setup?.groupId) return refreshGroup()
  if (!setup?.peopleIds.includes(chatId)) return
  let refresh = refreshers.get(chatId)
  if (!refresh) {
    refresh = gathered(() => loadMessages(chatId, null))
    refreshers.set(chatId, refresh)
  }
  refresh()
}

export const refreshGroup = gathered(loadGroup)
export const refreshPeople = gathered(loadPeople)

async function loadPeople(): Promise<void> {
  setState({ people: await telegram('listUsers') })
}

async function loadGroup(): Promise<void> {
  const { setup, thread } = getState()
  if (!setup) return
  const chatId = setup.groupId
  const [group, topics] = await Promise.all([telegram('getChat', { chatId }), telegram('listTopics', { chatId })])
  topics.sort((one, other) => lastIdOf(other.lastMessage) - lastIdOf(one.lastMessage))
  setState({ group, topics })
  const open = thread ?? topics[0]?.threadId ?? null
  const gone = typeof open === 'number' && !topics.some(({ threadId }) => threadId === open)
  await openThread(gone ? (topics[0]?.threadId ?? 'general') : open)
}

function lastIdOf(message: MessageView | null): number {
  return message?.messageId ?? 0
}

/** It is only seen, however, once it is on the screen. */
export async function openThread(thread: Thread | null): Promise<void> {
  const { setup } = getState()
  if (!setup) return
  setState({ thread })
  const wanted: Thread = thread ?? 'general'
  await loadMessages(setup.groupId, wanted)
  if (wanted !== 'general') await loadMessages(setup.groupId, 'general')
}

/** How many messages there are in the topics that the admin has not seen. */
export function countUnseen({ topics, seenInThread }: PageState): number {
  return topics.reduce((sum, topic) => sum + countUnseenIn(topic, seenInThread), 0)
}

export function countUnseenIn(topic: TopicView, seenInThread: PageState['seenInThread']): number {
  return Math.max(0, topic.messageCount - (seenInThread[chatKey(topic.chatId, topic.threadId)] ?? 0))
}

export function markSeen(thread: Thread): void {
  const { setup, topics, seenInThread } = getState()
  const topic = topics.find(({ threadId }) => threadId === thread)
  if (!setup || !topic) return
  const key = chatKey(setup.groupId, thread)
  if (seenInThread[key] === topic.messageCount) return
  const seen = { ...seenInThread, [key]: topic.messageCount }
  setState({ seenInThread: seen })
  localStorage.setItem(SEEN_KEY, JSON.stringify(seen))
}

async function loadMessages(chatId: number, thread: Thread | null): Promise<void> {
  const { setup, shown } = getState()
  if (!setup) return
  const key = chatKey(chatId, thread)
  const messages = await telegram('listMessages', {
    chatId,
    viewerId: thread === null ? chatId : setup.ownerId,
    limit: shown[key] ?? FIRST_PAGE,
    ...(thread === null ? {} : { threadId: thread }),
  })
  setState((now) => ({ messages: { ...now.messages, [key]: messages } }))
}

export async function showEarlier(chatId: number, thread: Thread | null): Promise<void> {
  const key = chatKey(chatId, thread)
  setState(({ shown }) => ({ shown: { ...shown, [key]: (shown[key] ?? FIRST_PAGE) + 200 } }))
  await loadMessages(chatId, thread)
}

export async function loadCommands(userId: number, chatId: number): Promise<void> {
  const key = chatKey(chatId)
  if (getState().commands[key]) return
  const commands = await telegram('listCommands', { userId, chatId })
  setState((now) => ({ commands: { ...now.commands, [key]: commands } }))
}

export function isWholeChat(key: string): boolean {
  const { messages, shown } = getState()
  return (messages[key]?.length ?? 0) < (shown[key] ?? FIRST_PAGE)
}
