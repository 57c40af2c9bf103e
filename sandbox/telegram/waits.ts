import type {
  CallbackAnswer,
  CallFilter,
  CallRecord,
  ControlWaits,
  ListMessages,
  MessageMatch,
  MessageView,
  TopicView,
  UpdateQueueView,
  WaitOptions,
  WorldEvent,
} from './control-types.ts'

type MaybePromise<T> = T | Promise<T>

/** What waiting needs to know of the world, near or far. */
export interface Watchable {
  listMessages(p: ListMessages): MaybePromise<MessageView[]>
  listTopics(p: { chatId: number }): MaybePromise<TopicView[]>
  calls(p: CallFilter): MaybePromise<CallRecord[]>
  updateQueue(): MaybePromise<UpdateQueueView>
  getCallbackAnswer(p: { callbackQueryId: string }): MaybePromise<CallbackAnswer | null>
  /** Resolves once events are certain to arrive. */
  watch(listener: (event: WorldEvent) => void, since?: number): MaybePromise<() => void>
}

const usualTimeoutMs = 10_000

/** Waiting by events: nothing polls and nothing sleeps. */
export function createWaits(world: Watchable): Omit<ControlWaits, 'onEvent'> {
  const waitFor = <T>(check: () => MaybePromise<T>, options: WaitOptions = {}) => waitUntil(world, check, options)
  return {
    waitFor,
    waitForMessage: (match, options) =>
      waitFor(() => findMessage(world, match), { what: `a message ${describe(match)}`, ...options }),
    waitForTopic: ({ chatId, name }, options) => {
      const find = async () => (await world.listTopics({ chatId })).find((topic) => fitsText(name, topic.name))
      return waitFor(find, { what: `a topic ${String(name ?? '')} in ${chatId}`, ...options })
    },
    waitForEvent: (fits, options = {}) => waitForEvent(world, fits, options),
    waitForCall: ({ method, chatId, since }, options) => {
      const filter = { method, ...(chatId === undefined ? {} : { chatId }), ...(since === undefined ? {} : { since }) }
      return waitFor(async () => (await world.calls(filter))[0], { what: `a call of ${method}`, ...options })
    },
    waitForCallbackAnswer: (callbackQueryId, options) =>
      waitFor(() => world.getCallbackAnswer({ callbackQueryId }), {
        what: `an answer to query ${callbackQueryId}`,
        ...options,
      }),
    waitUntilPolling: async (options) => {
      const isWaiting = async () => (await world.updateQueue()).pollerWaiting
      await waitFor(isWaiting, { what: 'a bot to poll', ...options })
    },
    waitUntilConfirmed: async (options) => {
      const isEmpty = async () => (await world.updateQueue()).pending === 0
      await waitFor(isEmpty, { what: 'all updates to be confirmed', ...options })
    },
  }
}

async function waitUntil<T>(
  world: Watchable,
  check: () => MaybePromise<T>,
  { timeoutMs = usualTimeoutMs, what = 'the condition' }: WaitOptions,
): Promise<Exclude<T, null | undefined | false>> {
  let settle: (outcome: { value: T } | { error: unknown }) => void = () => {}
  const outcome = new Promise<{ value: T } | { error: unknown }>((resolve) => {
    settle = resolve
  })
  let isChecking = false
  let isStale = false
  const look = async () => {
    isStale = true
    if (isChecking) return
    isChecking = true
    try {
      while (isStale) {
        isStale = false
        const value = await check()
        if (value !== null && value !== undefined && value !== false) settle({ value })
      }
    } catch (error) {
      settle({ error })
    } finally {
      isChecking = false
    }
  }
  const timer = setTimeout(() => settle({ error: new Error(`waited ${timeoutMs} ms for ${what} in vain`) }), timeoutMs)
  const unwatch = await world.watch(() => void look())
  await look()
  const end = await outcome
  clearTimeout(timer)
  unwatch()
  if ('error' in end) throw end.error
  return end.value as Exclude<T, null | undefined | false>
}

async function waitForEvent(
  world: Watchable,
  fits: (event: WorldEvent) => boolean,
  { timeoutMs = usualTimeoutMs, what = 'an event', since }: WaitOptions & { since?: number },
): Promise<WorldEvent> {
  let settle: (event: WorldEvent | null) => void = () => {}
  const found = new Promise<WorldEvent | null>((resolve) => {
    settle = resolve
  })
  const timer = setTimeout(() => settle(null), timeoutMs)
  const unwatch = await world.watch((event) => {
    if (fits(event)) settle(event)
  }, since)
  const event = await found
  clearTimeout(timer)
  unwatch()
  if (!event) throw new Error(`waited ${timeoutMs} ms for ${what} in vain`)
  return event
}

async function findMessage(world: Watchable, match: MessageMatch): Promise<MessageView | undefined> {
  const { chatId, threadId, viewerId, afterMessageId } = match
  const messages = await world.listMessages({
    chatId,
    limit: 1000,
    ...(threadId === undefined ? {} : { threadId }),
    ...(viewerId === undefined ? {} : { viewerId }),
    ...(afterMessageId === undefined ? {} : { afterMessageId }),
  })
  return messages.find(
    (message) =>
      (match.fromBot === undefined || message.author.isBot === match.fromBot) &&
      fitsText(match.text, message.text ?? '') &&
      (match.where === undefined || match.where(message)),
  )
}

function fitsText(wanted: string | RegExp | undefined, text: string): boolean {
  if (wanted === undefined) return true
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)
}

function describe({ chatId, threadId, text }: MessageMatch): string {
  const topic = threadId === undefined ? '' : ` topic ${threadId}`
  return `in chat ${chatId}${topic}${text === undefined ? '' : ` with ${String(text)}`}`
}
