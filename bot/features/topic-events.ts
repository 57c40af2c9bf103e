import { Composer } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'
import { adoptTopic } from '#core/topics/adopt-topic.ts'

/** Telegram tells the bot of its own new topics: so one whose answer was lost still finds its conversation. */
export const topicEvents = new Composer<BotContext>()

topicEvents
  .filter((ctx) => ctx.chat?.id === ctx.services.config.adminGroupId)
  .on('message:forum_topic_created')
  .filter((ctx) => ctx.from.id === ctx.me.id)
  .use(async (ctx) => {
    const { name } = ctx.msg.forum_topic_created
    const threadId = ctx.msg.message_thread_id
    if (threadId === undefined) return
    const outcome = await adoptTopic(ctx.services.database.pool, { chatId: ctx.chat.id, threadId, name })
    // Its announcement came so late that another was made. Nothing was ever sent to this one.
    if (outcome.status === 'surplus') await deleteSurplus(ctx, threadId)
  })

async function deleteSurplus(ctx: BotContext, threadId: number): Promise<void> {
  const { adminGroupId } = ctx.services.config
  try {
    await ctx.api.deleteForumTopic(adminGroupId, threadId)
  } catch (error) {
    const failure = classifyTelegramError(error)
    if (failure?.kind === 'topic-gone') return
    // Other failures pass by themselves, and the update is tried again.
    if (failure?.kind !== 'no-rights' && failure?.kind !== 'bad-request') throw error
    ctx.services.log.warn({ threadId, reason: failure.reason }, 'a surplus topic could not be deleted')
  }
}
