import { Composer } from 'grammy'
import type { Message } from 'grammy/types'
import type { BotContext } from '#bot/context.ts'
import { assertNever } from '#core/assert-never.ts'
import { acceptAnswer } from '#core/conversations/accept-answer.ts'
import { addNote } from '#core/conversations/add-note.ts'
import { findConversationByTopic } from '#core/conversations/find-conversation.ts'
import { relayableKind } from '#core/conversations/message-kind.ts'
import { findMember } from '#core/team/members.ts'

const NOTE = /^(?:\/\/|\/note(?:@\w+)?(?=\s|$))\s*/

/** Carries what the team writes in a user's topic back to the user; notes stay inside. */
export const answer = new Composer<BotContext>()

/** A topic of the admin group. General has no thread, and replies there carry one that is not a topic's. */
const inTopic = answer
  .chatType('supergroup')
  .filter((ctx) => ctx.chat.id === ctx.services.config.adminGroupId)
  .on('message:is_topic_message')

inTopic.filter((ctx) => ctx.from.is_bot && !isAnonymousAdmin(ctx.msg)).use(() => undefined)

inTopic
  .filter((ctx) => NOTE.test(ctx.msg.text ?? ''))
  .use(async (ctx) => {
    const text = (ctx.msg.text ?? '').replace(NOTE, '').trim()
    const conversation = await conversationOf(ctx)
    if (!conversation || text === '') return
    const { database, now } = ctx.services
    await addNote(database.prisma, { userId: conversation.userId, text, author: authorOf(ctx.msg), now: now() })
    await ctx.react('✍')
  })

inTopic.on('::bot_command', async (ctx, next) => {
  // A mistyped command must not reach the user as an answer.
  if (!ctx.entities('bot_command').some((entity) => entity.offset === 0)) return next()
  await ctx.reply(ctx.t('answer-unknown-command'), { reply_parameters: { message_id: ctx.msg.message_id } })
})

inTopic.use(async (ctx) => {
  const parts = partsOf(ctx)
  const threadId = ctx.msg.message_thread_id
  if (parts.length === 0 || threadId === undefined) return
  const { database, settings, now } = ctx.services
  const author = authorOf(ctx.msg)
  if (await isViewer(ctx, author.id)) return replyTo(ctx, 'answer-viewer')
  const outcome = await acceptAnswer(database.prisma, {
    botId: BigInt(ctx.me.id),
    topicChatId: BigInt(ctx.chat.id),
    threadId: BigInt(threadId),
    parts,
    author,
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
      return replyTo(ctx, 'answer-no-conversation')
    case 'blocked':
      return replyTo(ctx, 'answer-blocked')
    default:
      assertNever(outcome)
  }
})

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
  if (!replied || replied.forum_topic_created || replied.message_id === message.message_thread_id) return null
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

async function isViewer(ctx: BotContext, id: bigint | null): Promise<boolean> {
  if (id === null) return false
  const member = await findMember(ctx.services.database.prisma, { id })
  return member?.role === 'viewer'
}

async function replyTo(ctx: BotContext, key: string): Promise<void> {
  if (!ctx.msg) return
  await ctx.reply(ctx.t(key), { reply_parameters: { message_id: ctx.msg.message_id } })
}
