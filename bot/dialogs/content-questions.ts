import type { Conversation } from '@grammyjs/conversations'
import type { BotContext, DialogContext } from '#bot/context.ts'
import { type ContentMedia, contentMediaOf } from '#core/content/content-part.ts'

const ANSWER_WITHIN_MS = 15 * 60_000

export interface Question {
  text: string
  /** What can be pressed besides Cancel: a name and its label. */
  buttons?: Record<string, string>
}

/** What came as an answer: a button of the question, or a message. */
export interface Answer {
  pressed: string | null
  text: string | null
  /** The file of a message, or those of an album in their order. */
  media: ContentMedia[]
}

/** What was tapped on the question or sent next. Commands and taps on other messages are not for this dialog. */
export async function answerOf(
  conversation: Conversation<BotContext, DialogContext>,
  askedId: number,
): Promise<Answer> {
  const ctx = await conversation.waitUntil((next) => isAnswer(next, askedId), {
    maxMilliseconds: ANSWER_WITHIN_MS,
    next: true,
  })
  const data = ctx.callbackQuery?.data
  if (data !== undefined) {
    await ctx.answerCallbackQuery()
    return { pressed: data.slice('d2:'.length), text: null, media: [] }
  }
  // The other parts of an album are known only to the update itself, not to its replays.
  const media = await conversation.external((outer) =>
    outer.work.updates.flatMap(({ message }) => (message && contentMediaOf(message)) ?? []),
  )
  return { pressed: null, text: ctx.message?.text?.trim() ?? null, media }
}

function isAnswer(ctx: DialogContext, askedId: number): boolean {
  const { callbackQuery, message } = ctx
  if (callbackQuery) {
    return callbackQuery.message?.message_id === askedId && callbackQuery.data?.startsWith('d2:') === true
  }
  if (message?.text !== undefined) return !message.text.startsWith('/')
  return message !== undefined && contentMediaOf(message) !== null
}
