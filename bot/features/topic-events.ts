import { Composer } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { isTeamGroup } from '#bot/features/team-group.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'
import { adoptTopic } from '#core/topics/adopt-topic.ts'
import { recordTopicClosed } from '#core/topics/topic-state.ts'

/** What Telegram tells of the topics of the team's group. */
export const topicEvents = new Composer<BotContext>()

const inTeamGroup = topicEvents.filter(isTeamGroup)

/** By whomever: the user's next message opens it again. */
inTeamGroup.on(['message:forum_topic_closed', 'message:forum_topic_reopened'], async (ctx) => {
  const { message_thread_id: threadId, forum_topic_closed: closed } = ctx.msg
  if (threadId === undefined) return
  const { database, forgetPerson } = ctx.services
  const topic = { chatId: ctx.chat.id, threadId, isClosed: closed !== undefined }
  const userId = await recordTopicClosed(database.pool, topic)
  if (userId !== null) forgetPerson(userId)
})

/** Telegram tells the bot of its own new topics: so one whose answer was lost still finds its conversation. */
inTeamGroup
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
