import { Composer, InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { actorFor } from '#bot/features/actor.ts'
import { parsePromoCommand } from '#bot/features/parse-promo-command.ts'
import { isTeamGroup } from '#bot/features/team-group.ts'
import { showInPlace } from '#bot/payments/show-in-place.ts'
import { chatLink } from '#bot/telegram/chat-link.ts'
import { timeLeft } from '#bot/telegram/time-left.ts'
import { assertNever } from '#core/assert-never.ts'
import type { Actor } from '#core/audit/record-audit.ts'
import { createPromoCode, type NewPromoCode } from '#core/promotions/create-promo-code.ts'
import { listPromoCodes } from '#core/promotions/list-promo-codes.ts'
import { normalizeCode } from '#core/promotions/promo-code.ts'
import { switchPromoCode } from '#core/promotions/switch-promo-code.ts'
import type { PromoCode } from '#prisma'

/** Lets admins make promo codes, look at them and switch them, in the General part of the team's group. */
export const promoCodes = new Composer<BotContext>()

const PER_PAGE = 10
const PAGE_DATA = /^p1:(\d{1,9})$/

const inTeamGroup = promoCodes.chatType(['group', 'supergroup']).filter(isTeamGroup)

inTeamGroup.command('promo', async (ctx) => {
  const actor = await actorFor(ctx, 'admin')
  if (!actor) return void (await ctx.reply(ctx.t('team-not-allowed')))
  if (ctx.msg.is_topic_message) return void (await ctx.reply(ctx.t('promo-in-general')))
  const command = parsePromoCommand(ctx.match, ctx.services.now())
  switch (command.do) {
    case 'list':
      return showCodes(ctx, null)
    case 'switch':
      return turn(ctx, actor, command)
    case 'create':
      return create(ctx, actor, command.promo)
    case 'nothing':
      await ctx.reply(ctx.t('promo-how'))
      return
    default:
      return assertNever(command)
  }
})

inTeamGroup.callbackQuery(PAGE_DATA, async (ctx) => {
  if (!(await actorFor(ctx, 'admin'))) {
    await ctx.answerCallbackQuery({ text: ctx.t('team-not-allowed'), show_alert: true })
    return
  }
  await ctx.answerCallbackQuery()
  await showCodes(ctx, Number(ctx.match[1]))
})

async function create(ctx: BotContext, actor: Actor, wanted: NewPromoCode): Promise<void> {
  const { database, now } = ctx.services
  const outcome = await createPromoCode(database.prisma, { ...wanted, actor, now: now() })
  switch (outcome.status) {
    case 'created': {
      const { promo } = outcome
      const link = chatLink(ctx, `promo_${promo.code}`)
      await ctx.reply(ctx.t('promo-created', { promo: describe(ctx, promo), link }), {
        link_preview_options: { is_disabled: true },
      })
      return
    }
    case 'taken':
      await ctx.reply(ctx.t('promo-taken', { code: normalizeCode(wanted.code) }))
      return
    case 'invalid':
      await ctx.reply(ctx.t(`promo-invalid-${outcome.what}`))
      return
    case 'forbidden':
      await ctx.reply(ctx.t('team-not-allowed'))
      return
    default:
      assertNever(outcome)
  }
}

async function turn(ctx: BotContext, actor: Actor, { code, active }: { code: string; active: boolean }): Promise<void> {
  const { status } = await switchPromoCode(ctx.services.database.prisma, { code, active, actor })
  const args = { code: normalizeCode(code) }
  switch (status) {
    case 'switched':
    case 'unchanged':
      await ctx.reply(active ? ctx.t('promo-is-on', args) : ctx.t('promo-is-off', args))
      return
    case 'unknown':
      await ctx.reply(ctx.t('promo-unknown', args))
      return
    case 'forbidden':
      await ctx.reply(ctx.t('team-not-allowed'))
      return
    default:
      assertNever(status)
  }
}

async function showCodes(ctx: BotContext, before: number | null): Promise<void> {
  const { promos, next } = await listPromoCodes(ctx.services.database.prisma, { before, limit: PER_PAGE })
  const lines = promos.map((promo) => describe(ctx, promo))
  const text = lines.length > 0 ? lines.join('\n') : ctx.t('promo-none')
  const keyboard = new InlineKeyboard()
  if (next !== null) keyboard.text(ctx.t('promo-older'), `p1:${next}`)
  await showInPlace(ctx, `${text}\n\n${ctx.t('promo-how')}`, keyboard)
}

/** A code in one line: what it brings, how often it was used, and until when it can be. */
function describe(ctx: BotContext, promo: PromoCode): string {
  const { code, credits, passSeconds, creditsLastDays, uses, maxUses, expiresAt, active } = promo
  const now = ctx.services.now()
  const start = new Date(0)
  const parts = [
    `🎟 ${code}`,
    ...(credits > 0 ? [ctx.t('promo-credits', { credits })] : []),
    ...(creditsLastDays === null ? [] : [ctx.t('promo-life', { days: creditsLastDays })]),
    ...(passSeconds > 0 ? [`⏳ ${timeLeft(new Date(passSeconds * 1_000), start)}`] : []),
    maxUses === null ? ctx.t('promo-uses', { uses }) : ctx.t('promo-uses-of', { uses, most: maxUses }),
    ...(expiresAt
      ? [expiresAt > now ? ctx.t('promo-ends', { left: timeLeft(expiresAt, now) }) : ctx.t('promo-ended')]
      : []),
    ...(active ? [] : [ctx.t('promo-off')]),
  ]
  return parts.join(' · ')
}
