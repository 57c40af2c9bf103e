import type { MiddlewareFn } from 'grammy'
import type { Message, Update } from 'grammy/types'
import type { BotContext } from '#bot/context.ts'
import { answerKept } from '#bot/features/kept.ts'
import { paymentAnswered } from '#bot/features/paysupport.ts'
import { assertNever } from '#core/assert-never.ts'
import { isServiceMessage } from '#core/conversations/is-service-message.ts'

/**
 * Answers a user's message that did not go to the team; the others never get here (see handle-updates.ts). First in the
 * chain, so that nothing else takes it for its own.
 */
export const relay: MiddlewareFn<BotContext> = (ctx, next) => (isForTheTeam(ctx.update) ? answerRefused(ctx) : next())

/** Whatever a user says in the private chat, except commands and what the bot itself asked for. */
export function isForTheTeam({ message }: Update): boolean {
  return message?.chat?.type === 'private' && !startsWithCommand(message) && paymentAnswered(message) === null
}

async function answerRefused(ctx: BotContext): Promise<void> {
  const { outcome } = ctx.work
  switch (outcome?.status) {
    case undefined:
      if (ctx.msg && !isServiceMessage(ctx.msg)) await ctx.reply(ctx.t('relay-unsupported'))
      return
    case 'accepted':
    case 'duplicate':
      return
    case 'insufficient':
      return answerKept(ctx, outcome)
    case 'banned':
      await ctx.reply(ctx.t('relay-banned'))
      return
    default:
      assertNever(outcome)
  }
}

function startsWithCommand({ entities }: Message): boolean {
  return entities?.some(({ type, offset }) => type === 'bot_command' && offset === 0) ?? false
}
