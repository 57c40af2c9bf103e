import { Composer, InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { actorFor } from '#bot/features/actor.ts'
import { timeLeft } from '#bot/telegram/time-left.ts'
import { closeConversation } from '#core/conversations/close-conversation.ts'
import { listNotes } from '#core/conversations/list-notes.ts'
import { findUser } from '#core/users/find-user.ts'
import { readBalance } from '#core/users/read-balance.ts'
import { setBan } from '#core/users/set-ban.ts'

/** The buttons on cards and headers: what they do is checked again here, whoever presses whichever old one. */
export const topicButtons = new Composer<BotContext>()

const inTeamGroup = topicButtons.filter((ctx) => ctx.chat?.id === ctx.services.config.adminGroupId)

const action = (name: string) => new RegExp(`^t1:${name}:(\\d{1,19})$`)

inTeamGroup.callbackQuery(action('info'), async (ctx) => {
  const actor = await actorFor(ctx, 'viewer')
  if (!actor) return refuse(ctx)
  const userId = pressedUser(ctx)
  const { database, now } = ctx.services
  const user = await findUser(database.prisma, { userId })
  const held = await readBalance(database.prisma, { userId, now: now() })
  const lines = [
    `${user?.firstName ?? '?'} · ${userId}`,
    ctx.t('info-tier', { tier: user?.tier ?? 'new' }),
    ctx.t('info-credits', { credits: held.credits }),
    ...(held.passUntil ? [ctx.t('info-pass', { left: timeLeft(held.passUntil, now()) })] : []),
    ...(user?.bannedAt ? [ctx.t('info-banned')] : []),
  ]
  await ctx.answerCallbackQuery({ text: lines.join('\n').slice(0, 200), show_alert: true })
})

inTeamGroup.callbackQuery(action('gift'), async (ctx) => {
  if (!(await actorFor(ctx, 'admin'))) return refuse(ctx)
  await ctx.answerCallbackQuery()
  await ctx.conversation.enter('gift', String(pressedUser(ctx)))
})

inTeamGroup.callbackQuery(action('notes'), async (ctx) => {
  if (!(await actorFor(ctx, 'viewer'))) return refuse(ctx)
  await ctx.answerCallbackQuery()
  const userId = pressedUser(ctx)
  const notes = await listNotes(ctx.services.database.prisma, { userId, limit: 5 })
  const lines = notes.map((note) => `• ${note.text.slice(0, 300)} — ${note.authorName}`)
  await ctx.reply(lines.length > 0 ? lines.join('\n') : ctx.t('notes-none'), {
    reply_markup: new InlineKeyboard().text(ctx.t('notes-add'), `t1:addnote:${userId}`),
  })
})

inTeamGroup.callbackQuery(action('addnote'), async (ctx) => {
  if (!(await actorFor(ctx, 'agent'))) return refuse(ctx)
  await ctx.answerCallbackQuery()
  await ctx.conversation.enter('note', String(pressedUser(ctx)))
})

inTeamGroup.callbackQuery(action('ban'), async (ctx) => {
  if (!(await actorFor(ctx, 'admin'))) return refuse(ctx)
  const userId = pressedUser(ctx)
  const user = await findUser(ctx.services.database.prisma, { userId })
  await ctx.answerCallbackQuery()
  if (!user) return
  const [question, button, verb] = user.bannedAt
    ? ['unban-ask', 'unban-button', 'unbanyes']
    : ['ban-ask', 'ban-button', 'banyes']
  await ctx.reply(ctx.t(question, { name: user.firstName }), {
    reply_markup: new InlineKeyboard()
      .text(ctx.t(button), `t1:${verb}:${userId}`)
      .text(ctx.t('dialog-cancel'), `t1:cancel:${userId}`),
  })
})

inTeamGroup.callbackQuery([action('banyes'), action('unbanyes')], async (ctx) => {
  const actor = await actorFor(ctx, 'admin')
  if (!actor) return refuse(ctx)
  const banned = ctx.callbackQuery.data.startsWith('t1:banyes')
  const { database, now } = ctx.services
  await setBan(database.prisma, { userId: pressedUser(ctx), banned, actor, now: now() })
  await ctx.answerCallbackQuery()
  await ctx.editMessageText(ctx.t(banned ? 'ban-done' : 'unban-done', { name: actor.name }))
})

inTeamGroup.callbackQuery(action('cancel'), async (ctx) => {
  await ctx.answerCallbackQuery()
  await ctx.editMessageText(ctx.t('dialog-cancelled'))
})

inTeamGroup.callbackQuery(action('close'), async (ctx) => {
  const actor = await actorFor(ctx, 'agent')
  if (!actor) return refuse(ctx)
  const { database, now } = ctx.services
  const { status } = await closeConversation(database.prisma, { userId: pressedUser(ctx), actor, now: now() })
  await ctx.answerCallbackQuery({ text: ctx.t('close-done') })
  if (status === 'closed' && ctx.msg?.is_topic_message) await ctx.closeForumTopic()
})

function pressedUser(ctx: BotContext): bigint {
  return BigInt(ctx.match?.[1] ?? 0)
}

async function refuse(ctx: BotContext): Promise<void> {
  await ctx.answerCallbackQuery({ text: ctx.t('team-not-allowed'), show_alert: true })
}
