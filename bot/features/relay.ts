import type { MiddlewareFn } from 'grammy'
import type { Message } from 'grammy/types'
import type { BotContext } from '#bot/context.ts'
import { buyKeyboard } from '#bot/features/buy.ts'
import { assertNever } from '#core/assert-never.ts'
import type { IncomingMessage, MessagePart } from '#core/conversations/accept-messages.ts'
import { isServiceMessage } from '#core/conversations/is-service-message.ts'
import { relayableKind } from '#core/conversations/message-kind.ts'
import { shortText } from '#core/storable-text.ts'

const PREVIEW_LENGTH = 120

/**
 * Relays what a user writes in the private chat to the team, for credits. A plain function at the head of the chain:
 * nearly every update is for it, and each filter of a composer would cost more than the message itself.
 */
export const relay: MiddlewareFn<BotContext> = (ctx, next) => {
  const { message } = ctx.update
  return message?.chat?.type === 'private' && !startsWithCommand(message) ? relayMessage(ctx) : next()
}

async function relayMessage(ctx: BotContext): Promise<void> {
  const message = messageFrom(ctx)
  if (!message) {
    if (ctx.msg && !isServiceMessage(ctx.msg)) await ctx.reply(ctx.t('relay-unsupported'))
    return
  }
  const outcome = await ctx.services.accept(message)
  switch (outcome.status) {
    case 'accepted':
      ctx.work.inboxClosed = true
      return
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
function messageFrom(ctx: BotContext): IncomingMessage | null {
  const parts: MessagePart[] = []
  for (const { message } of ctx.work.updates) {
    const kind = message && relayableKind(message)
    if (!message || !kind) continue
    parts.push({ messageId: message.message_id, kind, text: message.text ?? message.caption ?? null, content: message })
  }
  const first = parts[0]
  const { from, msg } = ctx
  if (!first || !from || !msg) return null
  return {
    userId: from.id,
    firstName: from.first_name,
    lastName: from.last_name ?? null,
    username: from.username ?? null,
    languageCode: from.language_code ?? null,
    albumId: msg.media_group_id ?? null,
    preview: shortText(first.text ?? first.kind, PREVIEW_LENGTH),
    parts,
    updateIds: ctx.work.updates.map((update) => update.update_id),
  }
}
