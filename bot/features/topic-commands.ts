import { Composer } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { actorFor } from '#bot/features/actor.ts'
import { isTeamGroup } from '#bot/features/team-group.ts'
import { assertNever } from '#core/assert-never.ts'
import type { Actor } from '#core/audit/record-audit.ts'
import { findConversationByTopic } from '#core/conversations/find-conversation.ts'
import { adjustBalance, MAX_CORRECTION_CREDITS } from '#core/ledger/adjust-balance.ts'
import { shortText } from '#core/storable-text.ts'
import { setTierOverride } from '#core/users/set-tier-override.ts'
import { Tier } from '#prisma'

/** The user reads it in one message with the rest. */
const REASON_LENGTH = 500

/** What admins do to the user whose topic they write in. */
export const topicCommands = new Composer<BotContext>()

const inTeamGroup = topicCommands.chatType(['group', 'supergroup']).filter(isTeamGroup)

const inTopic = inTeamGroup.on('message:is_topic_message')

/** The whole group is suggested these, and only a topic says whom they are about. */
inTeamGroup
  .filter((ctx) => !ctx.msg?.is_topic_message)
  .command(['note', 'tier', 'take', 'lock'], async (ctx) => void (await ctx.reply(ctx.t('topic-only'))))

/** `/tier vip a friend of the house`, or `/tier auto` to let the rules decide again. */
inTopic.command('tier', async (ctx) => {
  const asked = await readAsk(ctx)
  if (!asked) return
  const [word = '', ...reason] = ctx.match.trim().split(/\s+/)
  const tier = readTier(word.toLowerCase())
  if (tier === undefined) return void (await ctx.reply(ctx.t('tier-how')))
  const act = { ...asked, tier, reason: reason.join(' ') || undefined }
  const outcome = await setTierOverride(ctx.services.database.prisma, act)
  switch (outcome.status) {
    case 'changed':
    case 'unchanged': {
      const name = ctx.t(`tier-${outcome.tier}`)
      await ctx.reply(tier ? ctx.t('tier-set', { tier: name }) : ctx.t('tier-by-rules', { tier: name }))
      return
    }
    case 'unknown-user':
    case 'forbidden':
      await ctx.reply(ctx.t('team-not-allowed'))
      return
    default:
      assertNever(outcome)
  }
})

/** `/take 20 charged twice`: a correction downwards, which needs a reason. */
inTopic.command('take', async (ctx) => {
  const asked = await readAsk(ctx)
  if (!asked) return
  const [, number, reason = ''] = /^(\d{1,7})\s+([\s\S]+)$/.exec(ctx.match.trim()) ?? []
  const takeCredits = Number(number)
  if (!(takeCredits >= 1 && takeCredits <= MAX_CORRECTION_CREDITS)) return void (await ctx.reply(ctx.t('take-how')))
  const ref = `take:${ctx.chat.id}:${ctx.msg.message_id}`
  const correction = { ...asked, takeCredits, reason: shortText(reason, REASON_LENGTH), ref }
  const outcome = await adjustBalance(ctx.services.database.prisma, correction)
  switch (outcome.status) {
    case 'adjusted':
      await ctx.reply(ctx.t('take-done', { credits: takeCredits, balance: outcome.balance }))
      return
    case 'too_little':
      await ctx.reply(ctx.t('take-too-little', { held: outcome.held }))
      return
    case 'duplicate':
      return
    case 'no_reason':
      await ctx.reply(ctx.t('take-how'))
      return
    case 'unknown_user':
    case 'forbidden':
      await ctx.reply(ctx.t('team-not-allowed'))
      return
    default:
      assertNever(outcome)
  }
})

/** Who asks and whose topic it is; null when that was answered already because one of them may or does not exist. */
async function readAsk(ctx: BotContext): Promise<{ actor: Actor; userId: bigint } | null> {
  const actor = await actorFor(ctx, 'admin')
  if (!actor) {
    await ctx.reply(ctx.t('team-not-allowed'))
    return null
  }
  const chatId = BigInt(ctx.chat?.id ?? 0)
  const threadId = BigInt(ctx.msg?.message_thread_id ?? 0)
  const conversation = await findConversationByTopic(ctx.services.database.prisma, { chatId, threadId })
  if (!conversation) {
    await ctx.reply(ctx.t('topic-of-nobody'))
    return null
  }
  return { actor, userId: conversation.userId }
}

/** Null gives the choice back to the rules; undefined is no tier. */
function readTier(word: string): Tier | null | undefined {
  return word === 'auto' ? null : Object.values(Tier).find((tier) => tier === word)
}
