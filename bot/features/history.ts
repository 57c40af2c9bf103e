import { Composer, InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { historyLine } from '#bot/payments/history-line.ts'
import { showInPlace } from '#bot/payments/show-in-place.ts'
import { type HistoryCursor, listHistory } from '#core/ledger/list-history.ts'
import { type Flow, sumHistory } from '#core/ledger/sum-history.ts'

/** Shows users what came and what went, page by page in one message. */
export const history = new Composer<BotContext>()

const LINES = 8

/** Whose history it is stands nowhere in a button: it is always that of whoever presses it. */
const PAGE_DATA = /^h1:(older|newer):(\d{1,9})$/

const privateChat = history.chatType('private')

privateChat.command('history', (ctx) => showHistory(ctx, null))

privateChat.callbackQuery(PAGE_DATA, async (ctx) => {
  await ctx.answerCallbackQuery()
  const side = ctx.match[1] === 'older' ? 'older' : 'newer'
  await showHistory(ctx, { side, than: Number(ctx.match[2]) })
})

async function showHistory(
  ctx: BotContext & { from: NonNullable<BotContext['from']> },
  cursor: HistoryCursor | null,
): Promise<void> {
  const { database, now } = ctx.services
  const userId = BigInt(ctx.from.id)
  const { lines, older, newer } = await listHistory(database.prisma, { userId, cursor, limit: LINES })
  if (lines.length === 0) return showInPlace(ctx, ctx.t('history-empty'), new InlineKeyboard())
  const sums = await sumHistory(database.prisma, { userId, now: now() })
  const text = [
    ctx.t('history-title'),
    [
      ctx.t('history-this-week', argsOf(sums.thisWeek)),
      ctx.t('history-this-month', argsOf(sums.thisMonth)),
      ctx.t('history-last-month', argsOf(sums.lastMonth)),
    ].join('\n'),
    lines.map((line) => historyLine(ctx.t, line, now())).join('\n'),
  ]
  const keyboard = new InlineKeyboard()
  if (newer) keyboard.text(ctx.t('history-newer'), `h1:newer:${newer.than}`)
  if (older) keyboard.text(ctx.t('history-older'), `h1:older:${older.than}`)
  await showInPlace(ctx, text.join('\n\n'), keyboard)
}

function argsOf({ came, went }: Flow): Record<string, number> {
  return { came, went }
}
