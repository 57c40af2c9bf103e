import { Composer, InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { beginDialog } from '#bot/dialogs/begin-dialog.ts'
import { actorFor } from '#bot/features/actor.ts'
import { isTeamGroup } from '#bot/features/team-group.ts'
import { caseKeyboard } from '#bot/payments/case-message.ts'
import type { Actor } from '#core/audit/record-audit.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { type AcceptedCase, acceptCase } from '#core/support/decide-case.ts'
import { findCase } from '#core/support/find-case.ts'

/** The buttons under a user's question about a payment. Roles and the state of the case are checked again at each press. */
export const caseButtons = new Composer<BotContext>()

const inTeamGroup = caseButtons.filter(isTeamGroup)
const action = (name: string) => new RegExp(`^pc1:${name}:([0-9a-f-]{36})$`)

inTeamGroup.callbackQuery(action('refund'), async (ctx) => {
  const pressed = await readPress(ctx)
  if (!pressed) return
  await ctx.answerCallbackQuery()
  const { id, paid } = pressed.found
  const price = formatMoney({ amountMinor: paid.leftMinor, currency: paid.currency })
  await ctx.editMessageReplyMarkup({
    reply_markup: new InlineKeyboard()
      .text(ctx.t('case-refund-yes-button', { price }), `pc1:yes:${id}`)
      .text(ctx.t('dialog-cancel'), `pc1:cancel:${id}`),
  })
})

inTeamGroup.callbackQuery(action('cancel'), async (ctx) => {
  const pressed = await readPress(ctx)
  if (!pressed) return
  await ctx.answerCallbackQuery()
  await ctx.editMessageReplyMarkup({ reply_markup: caseKeyboard(ctx.t, pressed.found.id) })
})

inTeamGroup.callbackQuery(action('yes'), async (ctx) => {
  const pressed = await readPress(ctx)
  if (!pressed) return
  await ctx.answerCallbackQuery()
  const { database, rail, starsRail, now } = ctx.services
  const { actor, found } = pressed
  const outcome = await acceptCase(database.prisma, { rail, starsRail }, { caseId: found.id, actor, now: now() })
  const status = outcome.status.replaceAll('_', '-')
  await ctx.reply(ctx.t(`case-outcome-${status}`, { name: actor.name, reason: reasonOf(outcome) }))
  const keyboard = staysOpen(outcome) ? caseKeyboard(ctx.t, found.id) : undefined
  await ctx.editMessageReplyMarkup({ reply_markup: keyboard })
})

inTeamGroup.callbackQuery(action('decline'), async (ctx) => {
  const pressed = await readPress(ctx)
  if (!pressed) return
  await beginDialog(ctx, 'decline', pressed.found.id)
})

const reasonOf = (outcome: AcceptedCase) => (outcome.status === 'refused' ? outcome.reason : '')

/** Whether somebody has to decide again here; one that was refused comes anew, with buttons of its own. */
function staysOpen({ status }: AcceptedCase): boolean {
  return !['made', 'unknown', 'refused', 'decided_before'].includes(status)
}

type Found = NonNullable<Awaited<ReturnType<typeof findCase>>>

/** Who pressed, and the open case; null when that was answered already. */
async function readPress(ctx: BotContext): Promise<{ actor: Actor; found: Found } | null> {
  const actor = await actorFor(ctx, 'admin')
  if (!actor) {
    await ctx.answerCallbackQuery({ text: ctx.t('team-not-allowed'), show_alert: true })
    return null
  }
  const found = await findCase(ctx.services.database.prisma, { caseId: ctx.match?.[1] ?? '' })
  if (found?.state === 'open') return { actor, found }
  await ctx.answerCallbackQuery({ text: ctx.t('case-outcome-decided-before'), show_alert: true })
  return null
}
