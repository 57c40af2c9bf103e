import { Composer } from 'grammy'
import type { Message } from 'grammy/types'
import type { BotContext } from '#bot/context.ts'
import { isTeamGroup } from '#bot/features/team-group.ts'
import { assertNever } from '#core/assert-never.ts'
import { acceptAnswer, isUserMessage } from '#core/conversations/accept-answer.ts'
import { addNote } from '#core/conversations/add-note.ts'
import { findConversationByTopic } from '#core/conversations/find-conversation.ts'
import { isServiceMessage } from '#core/conversations/is-service-message.ts'
import { mayAnswer } from '#core/conversations/may-answer.ts'
import { relayableKind } from '#core/conversations/message-kind.ts'

const NOTE = /^(?:\/\/|\/note(?:@\w+)?(?=\s|$))\s*/

/** Carries what the team writes in a user's topic back to the user; notes stay inside. */
export const answer = new Composer<BotContext>()

// A basic group has no topics: there everything stands in the one conversation that General is elsewhere.
const inTeamGroup = answer.chatType(['group', 'supergroup']).filter(isTeamGroup)

/**
 * General has no thread, and replies there carry one that is not a topic's. While a user's topic cannot be made their
 * messages arrive there, and a reply to one of them is an answer; everything else in General is talk.
 */
inTeamGroup
  .on('message')
  .filter((ctx) => !ctx.msg.is_topic_message && ctx.msg.reply_to_message?.from?.id === ctx.me.id)
  .filter((ctx) => isPerson(ctx.msg) && !isServiceMessage(ctx.msg) && noteOf(ctx) === null)
  .filter((ctx) => !ctx.entities('bot_command').some((entity) => entity.offset === 0))
  .use(async (ctx) => {
    const parts = partsOf(ctx)
    const isRefused = !(await isAllowed(ctx))
    if (parts.length > 0 && !isRefused) return answerWith(ctx, parts, null)
    const replied = { topicChatId: BigInt(ctx.chat.id), repliesTo: quotedMessageId(ctx.msg) }
    if (!(await isUserMessage(ctx.services.database.prisma, replied))) return
    await replyTo(ctx, isRefused ? 'answer-not-allowed' : 'reply-failed-uncopyable')
  })

/** A topic of the admin group. */
const inTopic = inTeamGroup.on('message:is_topic_message')

const byPerson = inTopic.filter((ctx) => isPerson(ctx.msg) && !isServiceMessage(ctx.msg))

byPerson.filter(async (ctx) => !(await isAllowed(ctx))).use((ctx) => replyTo(ctx, 'answer-not-allowed'))

byPerson
  .filter((ctx) => noteOf(ctx) !== null)
  .use(async (ctx) => {
    const text = noteOf(ctx)
    const conversation = await conversationOf(ctx)
    if (!conversation) return
    if (!text) return replyTo(ctx, 'note-how')
    const { database, now } = ctx.services
    await addNote(database.prisma, { userId: conversation.userId, text, author: authorOf(ctx.msg), now: now() })
    await ctx.react('✍')
  })

byPerson.on('::bot_command', async (ctx, next) => {
  // A mistyped command must not reach the user as an answer.
  if (!ctx.entities('bot_command').some((entity) => entity.offset === 0)) return next()
  await replyTo(ctx, 'answer-unknown-command')
})

byPerson.use(async (ctx) => {
  const parts = partsOf(ctx)
  if (parts.length === 0) return replyTo(ctx, 'reply-failed-uncopyable')
  const threadId = ctx.msg.message_thread_id
  if (threadId !== undefined) await answerWith(ctx, parts, BigInt(threadId))
})

/** `threadId` is null in General. */
async function answerWith(ctx: BotContext, parts: ReturnType<typeof partsOf>, threadId: bigint | null): Promise<void> {
  if (!ctx.msg || !ctx.chat) return
  const { database, settings, now } = ctx.services
  const outcome = await acceptAnswer(database.prisma, {
    botId: BigInt(ctx.me.id),
    topicChatId: BigInt(ctx.chat.id),
    threadId,
    parts,
    author: authorOf(ctx.msg),
    repliesTo: quotedMessageId(ctx.msg),
    repliesOnly: settings.current.answers === 'replies',
    now: now(),
  })
  switch (outcome.status) {
    case 'queued':
    case 'duplicate':
    case 'internal':
      return
    case 'no-conversation':
      // In General a reply to the bot may be about anything.
      return threadId === null ? undefined : replyTo(ctx, 'answer-no-conversation')
    case 'blocked':
      return replyTo(ctx, 'answer-blocked')
    default:
      assertNever(outcome)
  }
}

/** The note in a message or in any caption of an album; null when it is none and may be an answer. */
function noteOf(ctx: BotContext): string | null {
  const texts = ctx.work.updates.map(({ message }) => message?.text ?? message?.caption ?? '')
  const note = texts.find((text) => NOTE.test(text))
  return note === undefined ? null : note.replace(NOTE, '').trim()
}

function partsOf(ctx: BotContext) {
  return ctx.work.updates.flatMap(({ message }) => {
    const kind = message && relayableKind(message)
    return message && kind
      ? [
          {
            messageId: BigInt(message.message_id),
            kind,
            text: message.text ?? message.caption ?? null,
            content: message,
          },
        ]
      : []
  })
}

/** Other bots are in the group for the team, not for its users. */
function isPerson(message: Message): boolean {
  return isAnonymousAdmin(message) || message.from?.is_bot === false
}

/** Admins who write as the group have no name of their own. */
function isAnonymousAdmin(message: Message): boolean {
  return message.sender_chat?.id === message.chat.id
}

function authorOf(message: Message): { id: bigint | null; name: string } {
  if (!message.from || isAnonymousAdmin(message))
    return { id: null, name: message.author_signature ?? 'Anonymous admin' }
  return { id: BigInt(message.from.id), name: message.from.first_name }
}

/** Every message of a topic formally replies to the topic's first message; that is no quote. */
function quotedMessageId(message: Message): bigint | null {
  const replied = message.reply_to_message
  if (!replied || replied.forum_topic_created) return null
  // Outside of topics the thread is named after its first message, which may well be the one that is quoted.
  if (message.is_topic_message && replied.message_id === message.message_thread_id) return null
  return BigInt(replied.message_id)
}

async function conversationOf(ctx: BotContext) {
  const threadId = ctx.msg?.message_thread_id
  if (!ctx.chat || threadId === undefined) return null
  return findConversationByTopic(ctx.services.database.prisma, {
    chatId: BigInt(ctx.chat.id),
    threadId: BigInt(threadId),
  })
}

/** Anonymous admins always: Telegram lets nobody else write as the group. */
async function isAllowed(ctx: BotContext): Promise<boolean> {
  const { id } = ctx.msg ? authorOf(ctx.msg) : { id: null }
  return id === null || mayAnswer(ctx.services.database.prisma, { id })
}

async function replyTo(ctx: BotContext, key: string): Promise<void> {
  if (!ctx.msg) return
  await ctx.reply(ctx.t(key), {
    reply_parameters: { message_id: ctx.msg.message_id, allow_sending_without_reply: true },
  })
}
