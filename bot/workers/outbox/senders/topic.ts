import type { Api } from 'grammy'
import { classifyTelegramError, type TelegramFailure } from '#bot/telegram/errors.ts'
import type { Place } from '#bot/telegram/relay-calls.ts'
import type { OutboxContext } from '#bot/workers/outbox/context.ts'
import { ensureCard } from '#bot/workers/outbox/senders/card.ts'
import { resolveAlertsUnder } from '#core/alerts/raise-alert.ts'
import type { Person } from '#core/outbox/read-outbox-facts.ts'
import { displayName, topicName } from '#core/topics/topic-name.ts'
import {
  claimTopic,
  failTopic,
  holdTopic,
  recordTopic,
  recordTopicClosed,
  releaseTopic,
  retryFailedTopics,
} from '#core/topics/topic-state.ts'

export type TopicOutcome =
  | { status: 'topic'; place: Place & { threadId: number } }
  /** No topic can be made: the team reads it in General until one can. */
  | { status: 'general'; place: Place }
  | { status: 'later'; afterMs: number; reason: string }

/** How long others leave a maker alone. It may take longer: nobody else gets at the lane while its rows are leased. */
const CLAIM_SECONDS = 20
/** After a lost answer: Telegram tells the bot of its own topic within a moment, if there is one. */
const ADOPTION_SECONDS = { lost: 6, 'server-error': 2 } as const
const RETRY_FAILED_SECONDS = 600
const LOOK_AGAIN_MS = 700

/**
 * The topic of a user with its pinned card, made if need be. Exactly one is made however many ask: one lane per user in
 * a process, a compare-and-set in the database between processes, and a topic whose maker never heard the answer is
 * taken in from Telegram's own announcement before another is tried.
 */
export async function ensureTopic(
  context: OutboxContext,
  person: Person,
  replaces?: { chatId: number; threadId: number },
): Promise<TopicOutcome> {
  if (person.topic && !replaces) {
    const { topic } = person
    const isLeft = topic.chatId !== context.group.id && (await canTakeTopics(context, topic.chatId))
    if (isLeft) return ensureTopic(context, person, topic)
    if (person.isTopicClosed) await openAgain(context, person, topic)
    return withCard(context, person, topic)
  }
  if (person.topicFailure !== null && !replaces) return general(context)
  const claim = await claimTopic(context.sql, { userId: person.userId, holdSeconds: CLAIM_SECONDS, replaces })
  context.facts.forgetPerson(person.userId)
  switch (claim.status) {
    case 'claimed':
      return createTopic(context, person)
    case 'ready': {
      const fresh = await context.facts.freshPerson(person.userId)
      return withCard(context, fresh ?? person, claim)
    }
    case 'busy':
      return { status: 'later', afterMs: LOOK_AGAIN_MS, reason: 'Its topic is being made' }
    case 'failed':
      return general(context)
  }
}

const notThere = new Set<string | undefined>(['chat-gone', 'no-rights', 'bad-request', 'migrated'])

/**
 * Whether the team's group, which is another than the one with the topics, has topics itself. Where it cannot be seen
 * the topics stay: a wrong id must not cost anybody theirs.
 */
async function canTakeTopics({ apis, group, alert }: OutboxContext, topicsIn: number): Promise<boolean> {
  const isForum = await apis.relay.getChat(group.id).then(
    (chat) => chat.type === 'supergroup' && chat.is_forum === true,
    (error: unknown) => {
      if (notThere.has(classifyTelegramError(error)?.kind)) return false
      throw error
    },
  )
  if (!isForum) {
    alert({
      key: 'topic:elsewhere',
      severity: 'urgent',
      title: 'The team’s group has no topics',
      detail: `The bot sees no group with topics in ${group.id} (ADMIN_GROUP_ID). Messages still go to the topics in ${topicsIn}, and answers there reach nobody.`,
    })
  }
  return isForum
}

function general({ group }: OutboxContext): TopicOutcome {
  return { status: 'general', place: { chatId: group.id, threadId: null } }
}

/** Errors that leave the card for a later message; the message itself goes on. */
const cardCanWait = new Set(['bad-request', 'forbidden-kind', 'message-gone'])

async function withCard(
  context: OutboxContext,
  person: Person,
  topic: { chatId: number; threadId: number },
  isReplaced = false,
): Promise<TopicOutcome> {
  const done: TopicOutcome = { status: 'topic', place: topic }
  if (person.cardMessageId !== null && person.isCardPinned) return done
  try {
    await ensureCard(context, person, topic)
  } catch (error) {
    const failure = classifyTelegramError(error)
    if (failure?.kind === 'topic-gone' && !isReplaced) return ensureTopic(context, person, topic)
    if (failure?.kind === 'topic-closed') await reopenTopic(context.apis.relay, topic.chatId, topic.threadId)
    else if (!failure || !cardCanWait.has(failure.kind)) throw error
    context.log.warn({ userId: person.userId, reason: failure.reason }, 'card not sent')
  }
  return done
}

/** A bot may write into a closed topic, which then stays closed; where it may not open it, the message goes on all the same. */
async function openAgain(
  { apis, sql, facts }: OutboxContext,
  { userId }: Person,
  topic: Place & { threadId: number },
): Promise<void> {
  try {
    await reopenTopic(apis.relay, topic.chatId, topic.threadId)
  } catch (error) {
    const kind = classifyTelegramError(error)?.kind
    if (kind !== 'no-rights' && kind !== 'topic-gone' && kind !== 'bad-request') throw error
    return
  }
  await recordTopicClosed(sql, { ...topic, isClosed: false })
  facts.forgetPerson(userId)
}

export async function reopenTopic(api: Api, chatId: number, threadId: number): Promise<void> {
  try {
    await api.reopenForumTopic(chatId, threadId)
  } catch (error) {
    // Somebody was faster.
    if (classifyTelegramError(error)?.kind !== 'not-modified') throw error
  }
}

async function createTopic(context: OutboxContext, person: Person): Promise<TopicOutcome> {
  const { sql, apis, group } = context
  const { userId } = person
  const title = topicName({ id: BigInt(userId), firstName: person.firstName, lastName: person.lastName })
  const chatId = group.id
  let threadId: number
  try {
    threadId = (await apis.relay.createForumTopic(chatId, title)).message_thread_id
  } catch (error) {
    const failure = classifyTelegramError(error)
    if (!failure) throw error
    return handleFailure(context, person, failure, error)
  }
  if (!(await recordTopic(sql, { userId, chatId, threadId, title }))) {
    // Our claim ended meanwhile and somebody else made the topic that counts.
    context.afterwards('delete a surplus topic', () => apis.background.deleteForumTopic(chatId, threadId))
    return { status: 'later', afterMs: 0, reason: 'Another topic was made meanwhile' }
  }
  context.afterwards('retry failed topics', () => retryFailedTopics(sql))
  context.afterwards('resolve alerts', () => resolveAlertsUnder(context.prisma, { prefix: 'topic:' }))
  return withCard(context, { ...person, cardMessageId: null, isCardPinned: false }, { chatId, threadId }, true)
}

async function handleFailure(
  context: OutboxContext,
  person: Person,
  failure: TelegramFailure,
  error: unknown,
): Promise<TopicOutcome> {
  const { sql, group } = context
  const { userId } = person
  switch (failure.kind) {
    case 'lost':
    case 'server-error':
      await holdTopic(sql, { userId, seconds: ADOPTION_SECONDS[failure.kind] })
      return { status: 'later', afterMs: LOOK_AGAIN_MS, reason: failure.reason }
    case 'retry-after':
    case 'not-sent':
    case 'unauthorized':
      await releaseTopic(sql, { userId })
      throw error
    case 'migrated':
      followGroup(context, failure.toChatId)
      await releaseTopic(sql, { userId })
      return { status: 'later', afterMs: 0, reason: failure.reason }
    default: {
      await failTopic(sql, { userId, error: failure.reason, retrySeconds: RETRY_FAILED_SECONDS })
      const who = displayName({ id: BigInt(userId), firstName: person.firstName, lastName: person.lastName })
      context.alert({
        key: `topic:${failure.kind}`,
        severity: 'urgent',
        title: 'Topics cannot be made',
        detail: `${adviceFor(failure)} Until then messages arrive in General. First seen with ${who} (${userId}); group ${group.id}, Telegram says: ${failure.reason}`,
      })
      return general(context)
    }
  }
}

function adviceFor({ kind }: TelegramFailure): string {
  switch (kind) {
    case 'not-a-forum':
      return 'Turn on topics in the settings of the group.'
    case 'no-rights':
      return 'Make the bot an administrator who may manage topics.'
    case 'chat-gone':
      return 'Add the bot to the group again.'
    default:
      return 'Look at the group and the rights of the bot.'
  }
}

/** Goes on in the group's new place and tells the owner to write it down. */
export function followGroup(context: OutboxContext, toChatId: number): void {
  if (context.group.id === toChatId) return
  const from = context.group.id
  context.group.id = toChatId
  context.alert({
    key: 'group:migrated',
    severity: 'urgent',
    title: 'The team group has a new id',
    detail: `Telegram moved the group ${from} to ${toChatId}. Set ADMIN_GROUP_ID=${toChatId} and restart.`,
  })
}
