import { Composer } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { isTeamGroup } from '#bot/features/team-group.ts'
import { pinCardsAgain } from '#core/topics/card-state.ts'
import { retryFailedTopics } from '#core/topics/topic-state.ts'
import { markBlocked } from '#core/users/mark-blocked.ts'

/** What Telegram tells about chats without anybody writing. */
export const chatEvents = new Composer<BotContext>()

/** The bot's rights in the team's group changed: topics that could not be made, and pins, may be possible now. */
chatEvents
  .chatType('supergroup')
  .filter(isTeamGroup)
  .on('my_chat_member', async (ctx) => {
    await retryFailedTopics(ctx.services.database.pool)
    await pinCardsAgain(ctx.services.database.pool)
  })

/** A basic group that becomes a supergroup goes on under another id. */
chatEvents
  .on('message:migrate_to_chat_id')
  .filter(isTeamGroup)
  .use((ctx) => ctx.services.followGroup(ctx.message.migrate_to_chat_id))

/** In private chats this arrives only when the user stops the bot or comes back. */
chatEvents.chatType('private').on('my_chat_member', async (ctx) => {
  const blocked = ctx.myChatMember.new_chat_member.status === 'kicked'
  const { database, now } = ctx.services
  await markBlocked(database.prisma, { userId: BigInt(ctx.chat.id), blocked, now: now() })
})
