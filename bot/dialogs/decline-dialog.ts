import type { Conversation } from '@grammyjs/conversations'
import type { BotContext, DialogContext } from '#bot/context.ts'
import { actorFor } from '#bot/features/actor.ts'
import { shortText } from '#core/storable-text.ts'
import { declineCase } from '#core/support/decide-case.ts'

const ANSWER_WITHIN_MINUTES = 5
const REASON_LENGTH = 500

/** Takes the next text of the same person in the same topic as the reason, which the user reads, for declining a case. */
export async function declineDialog(
  conversation: Conversation<BotContext, DialogContext>,
  ctx: DialogContext,
  caseId: string,
): Promise<void> {
  await ctx.reply(ctx.t('case-decline-ask', { within: ANSWER_WITHIN_MINUTES }))
  // Commands stay what they are also while the question is open.
  const answer = await conversation.waitUntil(
    ({ message }) => message?.text !== undefined && !message.text.startsWith('/'),
    { maxMilliseconds: ANSWER_WITHIN_MINUTES * 60_000, next: true },
  )
  const outcome = await conversation.external(async (outer) => {
    const actor = await actorFor(outer, 'admin')
    if (!actor) return 'forbidden'
    const { database, now } = outer.services
    const reason = shortText(answer.message?.text ?? '', REASON_LENGTH)
    return (await declineCase(database.prisma, { caseId, actor, reason, now: now() })).status
  })
  const status = outcome.replaceAll('_', '-')
  await answer.reply(ctx.t(`case-outcome-${status}`, { name: answer.from?.first_name ?? '', reason: '' }))
}
