import { Composer, InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { sendAgainData } from '#bot/features/unlock-teaser.ts'
import { showInPlace } from '#bot/payments/show-in-place.ts'
import { type After, listOwnedContents, listPastPurchases } from '#core/content/list-purchases.ts'
import { formatMoney } from '#core/money/format-money.ts'

const PREFIX = 'pu1:'
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
/** A page begins behind a moment and an id: callback data has room for 64 bytes. */
const CONTENT_PAGE = new RegExp(`^${PREFIX}c(?::(\\d{1,14})\\.(\\d{1,9}))?$`)
const PAYMENTS_PAGE = new RegExp(`^${PREFIX}o(?::(\\d{1,14})\\.(${UUID}))?$`)
const PAGE_SIZE = 8

/** Shows users what they unlocked and bought, page by page in one message. */
export const purchases = new Composer<BotContext>()

const privateChat = purchases.chatType('private')

privateChat.command('purchases', (ctx) => showContents(ctx, BigInt(ctx.from.id), null))

privateChat.callbackQuery(CONTENT_PAGE, async (ctx) => {
  await ctx.answerCallbackQuery()
  const [, at, id] = ctx.match
  await showContents(ctx, BigInt(ctx.from.id), id === undefined ? null : { at: new Date(Number(at)), id: Number(id) })
})

privateChat.callbackQuery(PAYMENTS_PAGE, async (ctx) => {
  await ctx.answerCallbackQuery()
  const [, at, id] = ctx.match
  await showPayments(ctx, BigInt(ctx.from.id), id === undefined ? null : { at: new Date(Number(at)), id })
})

async function showContents(ctx: BotContext, userId: bigint, after: After<number> | null): Promise<void> {
  const { prisma } = ctx.services.database
  const rows = await listOwnedContents(prisma, { userId, after, limit: PAGE_SIZE + 1 })
  const page = rows.slice(0, PAGE_SIZE)
  const keyboard = new InlineKeyboard()
  for (const { contentId, title } of page) keyboard.text(`▶️ ${title}`, sendAgainData(contentId)).row()
  const last = rows.length > PAGE_SIZE ? page.at(-1) : undefined
  turnPages(ctx, keyboard, {
    isFirst: after === null,
    base: `${PREFIX}c`,
    last: last && [last.unlockedAt, last.contentId],
  })
  keyboard.text(ctx.t('purchases-show-payments'), `${PREFIX}o`)
  await showInPlace(ctx, ctx.t(page.length > 0 ? 'purchases-content' : 'purchases-no-content'), keyboard)
}

async function showPayments(ctx: BotContext, userId: bigint, after: After<string> | null): Promise<void> {
  const { prisma } = ctx.services.database
  const rows = await listPastPurchases(prisma, { userId, after, limit: PAGE_SIZE + 1 })
  const page = rows.slice(0, PAGE_SIZE)
  const lines = page.map(({ label, paidAt, state, ...money }) =>
    ctx.t('purchases-line', {
      at: paidAt.getTime(),
      label: label ?? ctx.t('purchases-unnamed'),
      price: formatMoney(money),
      state: ctx.t(`purchases-state-${state}`),
    }),
  )
  const keyboard = new InlineKeyboard()
  const last = rows.length > PAGE_SIZE ? page.at(-1) : undefined
  turnPages(ctx, keyboard, { isFirst: after === null, base: `${PREFIX}o`, last: last && [last.paidAt, last.paymentId] })
  keyboard.text(ctx.t('purchases-show-content'), `${PREFIX}c`)
  const text =
    lines.length > 0 ? ctx.t('purchases-payments', { lines: lines.join('\n') }) : ctx.t('purchases-no-payments')
  await showInPlace(ctx, text, keyboard)
}

function turnPages(
  ctx: BotContext,
  keyboard: InlineKeyboard,
  { isFirst, base, last }: { isFirst: boolean; base: string; last: [Date, number | string] | undefined },
): void {
  if (!isFirst) keyboard.text(ctx.t('purchases-newest'), base)
  if (last) keyboard.text(ctx.t('purchases-older'), `${base}:${last[0].getTime()}.${last[1]}`)
  keyboard.row()
}
