import { Composer, InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { beginDialog } from '#bot/dialogs/begin-dialog.ts'
import { actorFor } from '#bot/features/actor.ts'
import { isTeamGroup } from '#bot/features/team-group.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'
import { timeLeft } from '#bot/telegram/time-left.ts'
import type { Actor } from '#core/audit/record-audit.ts'
import { closeConversation } from '#core/conversations/close-conversation.ts'
import { listNotes } from '#core/conversations/list-notes.ts'
import { shortText } from '#core/storable-text.ts'
import { displayName } from '#core/topics/topic-name.ts'
import { findUser } from '#core/users/find-user.ts'
import { readBalance } from '#core/users/read-balance.ts'
import { setBan } from '#core/users/set-ban.ts'
import type { Role, User } from '#prisma'

/** The buttons on cards and headers: what they do is checked again here, whoever presses whichever old one. */
export const topicButtons = new Composer<BotContext>()

const inTeamGroup = topicButtons.filter(isTeamGroup)

/** Telegram's ids have at most 52 significant bits. */
const action = (name: string) => new RegExp(`^t1:${name}:(\\d{1,16})$`)

const NOTES_SHOWN = 5
const NOTE_LENGTH = 300
/** https://core.telegram.org/bots/api#answercallbackquery */
const ALERT_LENGTH = 200

inTeamGroup.callbackQuery(action('info'), async (ctx) => {
  const pressed = await readPress(ctx, 'viewer')
  if (!pressed) return
  const { user } = pressed
  const { database, now } = ctx.services
  const held = await readBalance(database.prisma, { userId: user.id, now: now() })
  const lines = [
    `${firstNameOf(user)} · ${user.id}`,
    ctx.t('info-tier', { tier: ctx.t(`tier-${user.tier}`) }),
    ctx.t('info-credits', { credits: held.credits }),
    ...(held.passUntil ? [ctx.t('info-pass', { left: timeLeft(held.passUntil, now()) })] : []),
    ...(user.bannedAt ? [ctx.t('info-banned')] : []),
  ]
  await ctx.answerCallbackQuery({ text: shortText(lines.join('\n'), ALERT_LENGTH), show_alert: true })
})

inTeamGroup.callbackQuery(action('gift'), async (ctx) => {
  const pressed = await readPress(ctx, 'admin')
  if (!pressed) return
  await beginDialog(ctx, 'gift', String(pressed.user.id))
})

inTeamGroup.callbackQuery(action('notes'), async (ctx) => {
  const pressed = await readPress(ctx, 'viewer')
  if (!pressed) return
  await ctx.answerCallbackQuery()
  const { user } = pressed
  const notes = await listNotes(ctx.services.database.prisma, { userId: user.id, limit: NOTES_SHOWN })
  const lines = notes.map((note) => `• ${shortText(note.text, NOTE_LENGTH)} — ${note.authorName}`)
  await ctx.reply(lines.length > 0 ? lines.join('\n') : ctx.t('notes-none'), {
    reply_markup: new InlineKeyboard().text(ctx.t('notes-add'), `t1:addnote:${user.id}`),
  })
})

inTeamGroup.callbackQuery(action('addnote'), async (ctx) => {
  const pressed = await readPress(ctx, 'agent')
  if (!pressed) return
  await beginDialog(ctx, 'note', String(pressed.user.id))
})

inTeamGroup.callbackQuery(action('ban'), async (ctx) => {
  const pressed = await readPress(ctx, 'admin')
  if (!pressed) return
  const { user } = pressed
  await ctx.answerCallbackQuery()
  const [question, button, verb] = user.bannedAt
    ? ['unban-ask', 'unban-button', 'unbanyes']
    : ['ban-ask', 'ban-button', 'banyes']
  await ctx.reply(ctx.t(question, { name: firstNameOf(user) }), {
    reply_markup: new InlineKeyboard()
      .text(ctx.t(button), `t1:${verb}:${user.id}`)
      .text(ctx.t('dialog-cancel'), `t1:cancel:${user.id}`),
  })
})

inTeamGroup.callbackQuery([action('banyes'), action('unbanyes')], async (ctx) => {
  const pressed = await readPress(ctx, 'admin')
  if (!pressed) return
  const { actor, user } = pressed
  const banned = ctx.callbackQuery.data.startsWith('t1:banyes')
  const { database, now } = ctx.services
  await setBan(database.prisma, { userId: user.id, banned, actor, now: now() })
  await ctx.answerCallbackQuery()
  await ctx.editMessageText(ctx.t(banned ? 'ban-done' : 'unban-done', { name: actor.name }))
})

inTeamGroup.callbackQuery(action('cancel'), async (ctx) => {
  if (!(await readPress(ctx, 'admin'))) return
  await ctx.answerCallbackQuery()
  await ctx.editMessageText(ctx.t('dialog-cancelled'))
})

inTeamGroup.callbackQuery(action('close'), async (ctx) => {
  const pressed = await readPress(ctx, 'agent')
  if (!pressed) return
  const { actor, user } = pressed
  const { database, now } = ctx.services
  const { topic } = await closeConversation(database.prisma, { userId: user.id, actor, now: now() })
  await ctx.answerCallbackQuery({ text: ctx.t('close-done') })
  // Also when it was closed before: the topic may have been left open then.
  if (topic) await closeTopic(ctx, topic)
})

/** On one line, and so that it cannot turn the words around it. */
const firstNameOf = (user: User) => displayName({ ...user, lastName: null })

/** Who pressed and whom it is about; null when that was answered already because one of them may or does not exist. */
async function readPress(ctx: BotContext, atLeast: Role): Promise<{ actor: Actor; user: User } | null> {
  const actor = await actorFor(ctx, atLeast)
  if (!actor) {
    await ctx.answerCallbackQuery({ text: ctx.t('team-not-allowed'), show_alert: true })
    return null
  }
  const user = await findUser(ctx.services.database.prisma, { userId: BigInt(ctx.match?.[1] ?? 0) })
  if (!user) {
    await ctx.answerCallbackQuery({ text: ctx.t('stale-button') })
    return null
  }
  return { actor, user }
}

async function closeTopic(ctx: BotContext, { chatId, threadId }: { chatId: number; threadId: number }): Promise<void> {
  try {
    await ctx.api.closeForumTopic(chatId, threadId)
  } catch (error) {
    const failure = classifyTelegramError(error)
    // The conversation is closed all the same; its topic may be closed already, or gone, or not ours to close.
    const isFine = failure && ['not-modified', 'topic-closed', 'topic-gone', 'no-rights'].includes(failure.kind)
    if (!isFine) throw error
    ctx.services.log.info({ chatId, threadId, reason: failure.reason }, 'a topic was not closed')
  }
}
