import type { MiddlewareFn } from 'grammy'
import type { Message, Update } from 'grammy/types'
import type { BotContext } from '#bot/context.ts'
import { buyKeyboard } from '#bot/features/buy.ts'
import { assertNever } from '#core/assert-never.ts'
import type { IncomingMessage, MessagePart } from '#core/conversations/accept-messages.ts'
import { isServiceMessage } from '#core/conversations/is-service-message.ts'
import { relayableKind } from '#core/conversations/message-kind.ts'
import { shortText } from '#core/storable-text.ts'

const PREVIEW_LENGTH = 120

/**
 * Answers a user's message that did not go to the team; the others never get here (see handle-updates.ts). First in the
 * chain, so that nothing else takes it for its own.
 */
export const relay: MiddlewareFn<BotContext> = (ctx, next) => (isForTheTeam(ctx.update) ? answerRefused(ctx) : next())

/** Whatever a user says in the private chat, except commands. */
export function isForTheTeam({ message }: Update): boolean {
  return message?.chat?.type === 'private' && !startsWithCommand(message)
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
    case 'insufficient': {
      const { cost, credits } = outcome
      await ctx.reply(ctx.t('relay-insufficient', { cost, credits }), { reply_markup: await buyKeyboard(ctx) })
      return
    }
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

/** Everything the accept statement needs; null when no part can be relayed. */
export function incomingMessage(updates: readonly Update[]): IncomingMessage | null {
  const parts: MessagePart[] = []
  for (const { message } of updates) {
    const kind = message && relayableKind(message)
    if (!message || !kind) continue
    parts.push({ messageId: message.message_id, kind, text: message.text ?? message.caption ?? null, content: message })
  }
  const first = parts[0]
  const msg = updates[0]?.message
  const from = msg?.from
  if (!first || !from) return null
  return {
    userId: from.id,
    firstName: from.first_name,
    lastName: from.last_name ?? null,
    username: from.username ?? null,
    languageCode: from.language_code ?? null,
    albumId: msg.media_group_id ?? null,
    preview: shortText(first.text ?? first.kind, PREVIEW_LENGTH),
    parts,
    updateIds: updates.map((update) => update.update_id),
  }
}
