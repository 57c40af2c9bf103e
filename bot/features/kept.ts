import { Composer } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { buyKeyboard } from '#bot/features/buy.ts'
import { incomingMessage, messagePart, previewOf } from '#bot/features/incoming-message.ts'
import { dropKeptMessage } from '#core/kept-messages/drop-kept-message.ts'
import { editKeptMessage } from '#core/kept-messages/edit-kept-message.ts'
import { KEPT_HOURS, keepMessage, MOST_KEPT } from '#core/kept-messages/keep-message.ts'

const PREFIX = 'k1:x:'
const DROP = new RegExp(`^${PREFIX}(\\d{1,18})$`)

/** What users can do about messages that wait until they can pay for them. */
export const kept = new Composer<BotContext>()

const privateChat = kept.chatType('private')

privateChat.callbackQuery(DROP, async (ctx) => {
  const { database, now } = ctx.services
  const wish = { keptId: BigInt(ctx.match[1] ?? 0), userId: BigInt(ctx.from.id), now: now() }
  const { status } = await dropKeptMessage(database.prisma, wish)
  if (status === 'gone') {
    await ctx.answerCallbackQuery({ text: ctx.t('kept-gone') })
    return
  }
  await ctx.answerCallbackQuery()
  await ctx.editMessageText(ctx.t('kept-dropped'))
})

privateChat.on('edited_message', async (ctx, next) => {
  const part = messagePart(ctx.editedMessage)
  const { database, config } = ctx.services
  const edit = part && { botId: config.botId, userId: BigInt(ctx.chat.id), part, preview: previewOf(part) }
  if (!edit || !(await editKeptMessage(database.prisma, edit))) return next()
})

/** Keeps a message that could not be paid, and says so with what can be done about it. */
export async function answerKept(ctx: BotContext, { cost, credits }: { cost: number; credits: number }): Promise<void> {
  const message = incomingMessage(ctx.work.updates)
  if (!message) return
  const { config, database, now } = ctx.services
  const { keptId, dropped } = await keepMessage(database.prisma, { botId: config.botId, message, cost, now: now() })
  const keyboard = await buyKeyboard(ctx)
  if (keptId !== null) keyboard.row().text(ctx.t('kept-drop-button'), `${PREFIX}${keptId}`)
  const lines = [
    ctx.t('relay-insufficient', { cost, credits, hours: KEPT_HOURS }),
    ...(dropped > 0 ? [ctx.t('kept-oldest-dropped', { most: MOST_KEPT })] : []),
  ]
  await ctx.reply(lines.join('\n'), { reply_markup: keyboard })
}
