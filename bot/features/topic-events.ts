import { Composer } from 'grammy'
import type { BotContext } from '#bot/context.ts'
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
    await adoptTopic(ctx.services.database.pool, { chatId: ctx.chat.id, threadId, name })
  })
