import { useSyncExternalStore } from 'react'
import type { ChatView, MessageView, TopicView, UserView } from '#sandbox/telegram/control-types.ts'
import type { Setup } from '../../setup.ts'
import { emptyNarration, type Narration, type Wire } from '../narration/narration.ts'
import type { GuideProgress } from './guide-progress.ts'

export type Thread = number | 'general'
export type Side = 'phone' | 'team'
/** What is on a screen that has room for one thing at a time. */
export type Tab = 'phone' | 'timeline' | 'team'

interface Toast {
  id: number
  side: Side
  text: string
  tone: 'info' | 'bad'
}

export interface PageState {
  connection: 'connecting' | 'live' | 'lost'
  setup: Setup | null
  people: UserView[]
  tab: Tab
  /** Rather than the list of topics, where there is no room for both. */
  isTopicOpen: boolean
  personId: number
  group: ChatView | null
  topics: TopicView[]
  thread: Thread | null
  /** By `chatKey`. */
  messages: Record<string, MessageView[]>
  /** How many of the newest messages are shown, by `chatKey`. */
  shown: Record<string, number>
  commands: Record<string, { command: string; description: string }[]>
  /** Until when the bot is typing, by `chatKey`; milliseconds. */
  typingUntil: Record<string, number>
  /** Bot messages that came while the person's phone was not on the screen. */
  unreadOf: Record<number, number>
  /** How many messages of a topic the admin has seen. */
  seenInThread: Record<string, number>
  /** Buttons waiting for the bot's answer, by callback query id. */
  presses: Record<string, { side: Side; chatId: number; messageId: number; row: number; column: number }>
  toasts: Toast[]
  alert: { side: Side; text: string } | null
  /** Steps of the guide that were seen done, whatever has become of it. */
  guideDone: Partial<GuideProgress>
  /** How many things were made to go wrong just now. */
  troubles: number
  narration: Narration
  wire: Wire | null
}

const initial: PageState = {
  connection: 'connecting',
  setup: null,
  people: [],
  tab: 'phone',
  isTopicOpen: false,
  personId: 0,
  group: null,
  topics: [],
  thread: null,
  messages: {},
  shown: {},
  commands: {},
  typingUntil: {},
  unreadOf: {},
  seenInThread: {},
  presses: {},
  toasts: [],
  alert: null,
  guideDone: {},
  troubles: 0,
  narration: emptyNarration,
  wire: null,
}

let state = initial
const listeners = new Set<() => void>()

export function getState(): PageState {
  return state
}

export function setState(change: Partial<PageState> | ((now: PageState) => Partial<PageState>)): void {
  state = { ...state, ...(typeof change === 'function' ? change(state) : change) }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Reads a part of the page's state; `select` must return something that is only new when it has changed. */
export function usePage<T>(select: (state: PageState) => T): T {
  return useSyncExternalStore(subscribe, () => select(state))
}

/** A private chat is told by the person, a group's conversation by its topic. */
export function chatKey(chatId: number, thread?: Thread | null): string {
  return thread === undefined || thread === null ? String(chatId) : `${chatId}:${thread}`
}

export function personById(state: PageState, id: number): UserView | undefined {
  return state.people.find((view) => view.user.id === id)
}
