import { classifyTelegramError } from '#bot/telegram/errors.ts'
import { escapeHtml } from '#bot/telegram/escape-html.ts'
import type { OutboxContext, Outcome } from '#bot/workers/outbox-context.ts'
import { followGroup } from '#bot/workers/outbox-topic.ts'
import type { OutboxPayload } from '#core/outbox/outbox-item.ts'

const signs = { urgent: '🔴', warning: '🟡' } as const

/** Tells the team of trouble: General of the group, and each owner in the private chat with the bot. */
export async function sendAlert(
  context: OutboxContext,
  { title, detail, severity }: OutboxPayload<'alert'>,
): Promise<Outcome> {
  const html = `${signs[severity]} <b>${escapeHtml(title)}</b>\n${escapeHtml(detail)}`
  const owners = await context.listOwnerIds()
  // The owners first: the group may be what is broken.
  const reached: boolean[] = []
  for (const chatId of [...owners, context.group.id]) reached.push(await tell(context, chatId, html))
  if (reached.some(Boolean)) return { status: 'sent', effects: {} }
  return { status: 'refused', reason: 'Neither the group nor an owner can be reached', quiet: true }
}

/** False where nobody can be told: an owner who never opened the bot, a group that threw it out. */
async function tell(context: OutboxContext, chatId: number, html: string): Promise<boolean> {
  try {
    await context.apis.user.sendMessage(chatId, html, {
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
    })
    return true
  } catch (error) {
    const failure = classifyTelegramError(error)
    switch (failure?.kind) {
      case 'migrated':
        followGroup(context, failure.toChatId)
        return tell(context, failure.toChatId, html)
      case 'blocked':
      case 'deactivated':
      case 'chat-gone':
      case 'no-rights':
      case 'topic-closed':
      case 'bad-request':
        context.log.warn({ chatId, reason: failure.reason }, 'alert not delivered here')
        return false
      default:
        throw error
    }
  }
}
