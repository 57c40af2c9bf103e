import { classifyTelegramError } from '#bot/telegram/errors.ts'
import { escapeHtml } from '#bot/telegram/escape-html.ts'
import type { OutboxContext, Outcome } from '#bot/workers/outbox/context.ts'
import { followGroup } from '#bot/workers/outbox/senders/topic.ts'
import type { OutboxPayload } from '#core/outbox/outbox-item.ts'
import { shortText } from '#core/storable-text.ts'

/** Leaves room for the title in a message of 4,096 characters. */
const LONGEST_DETAIL = 3_500
const signs = { urgent: '🔴', warning: '🟡' } as const

/** Tells the team of trouble: General of the group, and each owner in the private chat with the bot. */
export async function sendAlert(
  context: OutboxContext,
  { title, detail, severity }: OutboxPayload<'alert'>,
): Promise<Outcome> {
  const html = `${signs[severity]} <b>${escapeHtml(shortText(title, 200))}</b>\n${escapeHtml(shortText(detail, LONGEST_DETAIL))}`
  const owners = await context.listOwnerIds()
  // The owners first: the group may be what is broken.
  const reached: boolean[] = []
  const errors: unknown[] = []
  for (const chatId of [...owners, context.group.id]) {
    await tell(context, chatId, html).then(
      (isTold) => reached.push(isTold),
      (error: unknown) => errors.push(error),
    )
  }
  // Whoever was told must not be told again and again because somebody else cannot be told yet.
  if (reached.some(Boolean)) return { status: 'sent', effects: {} }
  if (errors.length > 0) throw errors[0]
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
