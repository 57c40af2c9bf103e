import { type Bot, BotError } from 'grammy'
import type { Update } from 'grammy/types'
import type { BotContext, BotServices, Work } from '#bot/context.ts'
import { incomingMessage } from '#bot/features/incoming-message.ts'
import { isForTheTeam } from '#bot/features/relay.ts'
import type { Handle } from '#bot/ingest/work.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { storableValue } from '#core/storable-text.ts'
import { markBlocked } from '#core/users/mark-blocked.ts'

/** Which work an update belongs to, for as long as it is being handled. */
export function createWorkBook() {
  const works = new WeakMap<Update, Work>()
  return {
    open(updates: Update[]): { first: Update | undefined; work: Work } {
      const work: Work = { updates }
      const first = updates[0]
      if (first) works.set(first, work)
      return { first, work }
    },
    workOf: ({ update }: { update: Update }): Work => works.get(update) ?? { updates: [update] },
  }
}

/**
 * Runs updates through the bot. A user's message is accepted first of all, and only one that did not go to the team (too
 * little credit, say) becomes a context and goes through the chain. An answer that nobody can receive any more is no
 * failure: it is noted and done.
 */
export function createHandler(
  bot: Bot<BotContext>,
  workBook: ReturnType<typeof createWorkBook>,
  services: Pick<BotServices, 'accept' | 'database' | 'log' | 'now'>,
): Handle {
  return async (updates, _signal, hold) => {
    const { first, work } = workBook.open(updates.map(storableValue))
    work.hold = hold
    if (!first) return { done: 'ingest' }
    if (await isAccepted(work, services)) return { done: 'self' }
    try {
      await bot.handleUpdate(first)
    } catch (thrown) {
      const error = thrown instanceof BotError ? thrown.error : thrown
      const ctx = thrown instanceof BotError ? (thrown.ctx as BotContext) : null
      if (!(await isOver(error, ctx, services))) throw error
    }
    return { done: 'ingest' }
  }
}

async function isAccepted(work: Work, { accept }: Pick<BotServices, 'accept'>): Promise<boolean> {
  const [first] = work.updates
  const message = first && isForTheTeam(first) ? incomingMessage(work.updates) : null
  if (!message) return false
  work.outcome = await accept(message)
  return work.outcome.status === 'accepted'
}

/** Whether trying again would be refused again, because whom or what the answer was for is not there any more. */
async function isOver(
  error: unknown,
  ctx: BotContext | null,
  { database, log, now }: Pick<BotServices, 'database' | 'log' | 'now'>,
): Promise<boolean> {
  const failure = classifyTelegramError(error)
  switch (failure?.kind) {
    case 'blocked':
    case 'deactivated':
      if (ctx?.chat?.type === 'private') {
        await markBlocked(database.prisma, { userId: BigInt(ctx.chat.id), blocked: true, now: now() })
      }
      return true
    case 'not-modified':
    case 'message-gone':
    case 'topic-gone':
    case 'topic-closed':
      log.info({ update: ctx?.update.update_id, reason: failure.reason }, 'an answer came too late to be shown')
      return true
    default:
      return false
  }
}

/** Tells the person behind updates that were given up that it was not their fault. Nobody is told in a group. */
export function tellGivenUp({ database }: Pick<BotServices, 'database'>): (updates: Update[]) => Promise<void> {
  return async ([first]) => {
    const chat = first?.message?.chat ?? first?.callback_query?.message?.chat
    if (chat?.type !== 'private') return
    // A message that was given up was not charged; what a button set off may have come about before its answer failed.
    const text = first?.message ? 'something-went-wrong' : 'button-went-wrong'
    await enqueueNotice(database.prisma, { userId: BigInt(chat.id), text })
  }
}
