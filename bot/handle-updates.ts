import { type Bot, BotError } from 'grammy'
import type { Update } from 'grammy/types'
import type { BotContext, BotServices, Work } from '#bot/context.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'
import { markBlocked } from '#core/users/mark-blocked.ts'

type HandlerResult = { done: 'self' | 'ingest' }

/** Which work an update belongs to, for as long as it is being handled. */
export function createWorkBook() {
  const works = new WeakMap<Update, Work>()
  return {
    open(updates: Update[]): { first: Update | undefined; work: Work } {
      const work: Work = { updates, inboxClosed: false }
      const first = updates[0]
      if (first) works.set(first, work)
      return { first, work }
    },
    workOf: ({ update }: { update: Update }): Work => works.get(update) ?? { updates: [update], inboxClosed: false },
  }
}

/** Runs updates through the bot. A user who cannot be answered any more is no failure: it is noted and done. */
export function createHandler(
  bot: Bot<BotContext>,
  workBook: ReturnType<typeof createWorkBook>,
  { database, now }: Pick<BotServices, 'database' | 'now'>,
): (updates: Update[]) => Promise<HandlerResult> {
  return async (updates) => {
    const { first, work } = workBook.open(updates)
    if (!first) return { done: 'ingest' }
    try {
      await bot.handleUpdate(first)
    } catch (thrown) {
      const error = thrown instanceof BotError ? thrown.error : thrown
      const ctx = thrown instanceof BotError ? (thrown.ctx as BotContext) : null
      const failure = classifyTelegramError(error)?.kind
      if (failure !== 'blocked' && failure !== 'deactivated') throw error
      if (ctx?.chat?.type === 'private') {
        await markBlocked(database.prisma, { userId: BigInt(ctx.chat.id), blocked: true, now: now() })
      }
    }
    return { done: work.inboxClosed ? 'self' : 'ingest' }
  }
}
