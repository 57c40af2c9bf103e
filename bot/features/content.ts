import { Composer, InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { beginDialog } from '#bot/dialogs/begin-dialog.ts'
import { actorFor } from '#bot/features/actor.ts'
import { priceText } from '#bot/features/lock.ts'
import { isTeamGroup } from '#bot/features/team-group.ts'
import { showInPlace } from '#bot/payments/show-in-place.ts'
import { chatLink } from '#bot/telegram/chat-link.ts'
import type { Actor } from '#core/audit/record-audit.ts'
import { setContentActive } from '#core/content/change-content.ts'
import { countOwners, findContent, listContents } from '#core/content/find-content.ts'

const PREFIX = 'n1:'
const LIST = new RegExp(`^${PREFIX}l(?::(\\d{1,9}))?$`)
const ADD = `${PREFIX}add`
const PAGE_SIZE = 8

const action = (verb: string) => new RegExp(`^${PREFIX}${verb}:(\\d{1,9})$`)

/** The list of locked content in the team's General, and what can be changed about each. */
export const contentMenu = new Composer<BotContext>()

const inTeamGroup = contentMenu.filter(isTeamGroup)

inTeamGroup.command('content', async (ctx) => {
  if (!(await actorFor(ctx, 'admin'))) return void (await ctx.reply(ctx.t('team-not-allowed')))
  if (ctx.msg.is_topic_message) return void (await ctx.reply(ctx.t('content-in-general')))
  await showList(ctx, null)
})

inTeamGroup.callbackQuery(LIST, async (ctx) => {
  if (!(await readActor(ctx))) return
  await ctx.answerCallbackQuery()
  await showList(ctx, ctx.match[1] === undefined ? null : Number(ctx.match[1]))
})

inTeamGroup.callbackQuery(ADD, async (ctx) => {
  if (!(await readActor(ctx))) return
  await beginDialog(ctx, 'content')
})

inTeamGroup.callbackQuery(action('i'), async (ctx) => {
  if (!(await readActor(ctx))) return
  await ctx.answerCallbackQuery()
  await showContent(ctx, Number(ctx.match[1]))
})

inTeamGroup.callbackQuery([action('on'), action('off')], async (ctx) => {
  const actor = await readActor(ctx)
  if (!actor) return
  const contentId = Number(ctx.match[1])
  const active = ctx.callbackQuery.data.startsWith(`${PREFIX}on`)
  await setContentActive(ctx.services.database.prisma, { contentId, active, actor })
  await ctx.answerCallbackQuery()
  await showContent(ctx, contentId)
})

inTeamGroup.callbackQuery([action('pv'), action('md')], async (ctx) => {
  if (!(await readActor(ctx))) return
  const what = ctx.callbackQuery.data.startsWith(`${PREFIX}pv`) ? 'preview' : 'media'
  await beginDialog(ctx, 'content-media', what, Number(ctx.match[1]))
})

/** Null when the press was answered already, because their role does not reach. */
async function readActor(ctx: BotContext): Promise<Actor | null> {
  const actor = await actorFor(ctx, 'admin')
  if (!actor) await ctx.answerCallbackQuery({ text: ctx.t('team-not-allowed'), show_alert: true })
  return actor
}

async function showList(ctx: BotContext, beforeId: number | null): Promise<void> {
  const rows = await listContents(ctx.services.database.prisma, { beforeId, limit: PAGE_SIZE + 1 })
  const page = rows.slice(0, PAGE_SIZE)
  const keyboard = new InlineKeyboard()
  for (const { id, title, active } of page) keyboard.text(`${active ? '🔒' : '⏸'} ${title}`, `${PREFIX}i:${id}`).row()
  if (beforeId !== null) keyboard.text(ctx.t('purchases-newest'), `${PREFIX}l`)
  const last = page.at(-1)
  if (rows.length > PAGE_SIZE && last) keyboard.text(ctx.t('purchases-older'), `${PREFIX}l:${last.id}`)
  keyboard.row().text(ctx.t('content-add-button'), ADD)
  await showInPlace(ctx, ctx.t(page.length > 0 ? 'content-list' : 'content-list-empty'), keyboard)
}

async function showContent(ctx: BotContext, contentId: number): Promise<void> {
  const { prisma } = ctx.services.database
  const content = await findContent(prisma, { contentId })
  const keyboard = new InlineKeyboard()
  if (!content)
    return showInPlace(ctx, ctx.t('content-unknown'), keyboard.text(ctx.t('content-back-button'), `${PREFIX}l`))
  const { id, title, active, priceCredits, product } = content
  keyboard
    .text(ctx.t('content-preview-button'), `${PREFIX}pv:${id}`)
    .text(ctx.t('content-media-button'), `${PREFIX}md:${id}`)
    .row()
    .text(ctx.t(active ? 'content-off-button' : 'content-on-button'), `${PREFIX}${active ? 'off' : 'on'}:${id}`)
    .text(ctx.t('content-back-button'), `${PREFIX}l`)
  const text = ctx.t('content-item', {
    sign: active ? '🔒' : '⏸',
    title,
    id: String(id),
    price: priceText(ctx, { credits: priceCredits, amountMinor: product?.priceMinor ?? null }),
    owners: await countOwners(prisma, { contentId }),
    state: active ? 'on' : 'off',
    link: contentLink(ctx, id),
  })
  await showInPlace(ctx, text, keyboard)
}

/** Leads anybody to the teaser of a content. */
export function contentLink(ctx: Pick<BotContext, 'me' | 'services'>, contentId: number): string {
  return chatLink(ctx, `c_${contentId}`)
}
