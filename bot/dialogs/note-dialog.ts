import type { Conversation } from '@grammyjs/conversations'
import type { BotContext, DialogContext } from '#bot/context.ts'
import { actorFor } from '#bot/features/actor.ts'
import { addNote } from '#core/conversations/add-note.ts'

const ANSWER_WITHIN_MINUTES = 5

/** Takes the next text of the same person in the same topic as a note about the user. */
export async function noteDialog(
  conversation: Conversation<BotContext, DialogContext>,
  ctx: DialogContext,
  userId: string,
): Promise<void> {
  await ctx.reply(ctx.t('note-ask', { within: ANSWER_WITHIN_MINUTES }))
  // Commands stay what they are also while the question is open.
  const answer = await conversation.waitUntil(({ message }) => isText(message?.text), {
    maxMilliseconds: ANSWER_WITHIN_MINUTES * 60_000,
    next: true,
  })
  const isKept = await conversation.external(async (outer) => {
    const actor = await actorFor(outer, 'agent')
    const text = answer.message?.text
    if (!actor || text === undefined) return false
    const { database, now } = outer.services
    await addNote(database.prisma, {
      userId: BigInt(userId),
      text,
      author: { id: actor.id, name: actor.name },
      now: now(),
    })
    return true
  })
  if (isKept) await answer.react('✍')
  else await answer.reply(ctx.t('team-not-allowed'))
}

function isText(text: string | undefined): boolean {
  return text !== undefined && !text.startsWith('/')
}
