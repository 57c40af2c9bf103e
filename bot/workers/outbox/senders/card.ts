import { GrammyError } from 'grammy'
import { renderCard } from '#bot/telegram/card.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'
import type { Limiter } from '#bot/telegram/limiter.ts'
import type { OutboxContext } from '#bot/workers/outbox/context.ts'
import { resolveAlert } from '#core/alerts/raise-alert.ts'
import type { Person } from '#core/outbox/read-outbox-facts.ts'
import {
  type Card,
  forgetCard,
  markCardDirty,
  readCard,
  recordCard,
  recordCardPinned,
  takeDirtyCards,
} from '#core/topics/card-state.ts'

/** Sends and pins the card of a topic as far as that is not done yet. Each step is recorded before the next. */
export async function ensureCard(
  context: OutboxContext,
  person: Person,
  { chatId, threadId }: { chatId: number; threadId: number },
): Promise<void> {
  const { sql, apis, facts } = context
  const { userId } = person
  let messageId = person.cardMessageId
  if (messageId === null) {
    const card = await render(context, userId)
    if (!card) return
    const sent = await apis.relay.sendMessage(chatId, card.html, {
      message_thread_id: threadId,
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
      disable_notification: true,
      reply_markup: card.buttons,
    })
    messageId = sent.message_id
    await recordCard(sql, { userId, chatId, threadId, messageId, readAt: card.readAt })
  }
  const isRefused = !(await pinCard(context, chatId, messageId))
  await recordCardPinned(sql, { userId, messageId, isRefused })
  facts.forgetPerson(userId)
}

/** False when Telegram refuses. A card that cannot be pinned is still a card: the owner is told and the message goes on. */
async function pinCard(
  { apis, alert, afterwards, prisma }: OutboxContext,
  chatId: number,
  messageId: number,
): Promise<boolean> {
  try {
    await apis.relay.pinChatMessage(chatId, messageId, { disable_notification: true })
    afterwards('resolve an alert', () => resolveAlert(prisma, { key: 'card:pin' }))
    return true
  } catch (error) {
    const failure = classifyTelegramError(error)
    if (failure?.kind === 'not-modified') return true
    if (failure?.kind !== 'no-rights' && failure?.kind !== 'bad-request' && failure?.kind !== 'message-gone')
      throw error
    alert({
      key: 'card:pin',
      severity: 'warning',
      title: 'Cards cannot be pinned',
      detail: `Let the bot pin messages in the group. Telegram says: ${failure.reason}`,
    })
    return false
  }
}

async function render(context: OutboxContext, userId: string) {
  const facts = await readCard(context.sql, { userId })
  if (!facts) return null
  const { i18n, teamLocale: locale } = context
  const t = (key: string, args?: Record<string, string | number>) => i18n.t(locale, key, args)
  return { ...renderCard(facts, { t, locale, now: context.now() }), readAt: facts.readAt }
}

export interface CardSweeper {
  /** Edits a few outdated cards, if the group has room to spare. */
  sweep(): Promise<void>
}

/** What is left to messages before any card is edited. */
const KEEP_FREE = 4
const MOST_AT_ONCE = 5

/** Keeps pinned cards true: coalesced, each at most once per `everyMs`, and only with capacity nobody else wants. */
export function createCardSweeper(
  context: OutboxContext,
  limiter: Limiter,
  { everyMs = 20_000, settledSeconds = 2 }: { everyMs?: number; settledSeconds?: number } = {},
): CardSweeper {
  const recent = new Map<string, number>()

  async function edit(card: Card) {
    const rendered = await render(context, card.userId)
    if (!rendered) return
    recent.set(card.userId, performance.now())
    try {
      await context.apis.background.editMessageText(card.chatId, card.messageId, rendered.html, {
        parse_mode: 'HTML',
        link_preview_options: { is_disabled: true },
        reply_markup: rendered.buttons,
      })
    } catch (error) {
      await onFailure(context, card, error)
    }
  }

  return {
    async sweep() {
      const room = limiter.spare(context.group.id, 'background') - KEEP_FREE
      if (room <= 0) return
      const now = performance.now()
      for (const [userId, at] of recent) if (now - at >= everyMs) recent.delete(userId)
      const limit = Math.min(room, MOST_AT_ONCE)
      const cards = await takeDirtyCards(context.sql, { except: [...recent.keys()], settledSeconds, limit })
      await Promise.all(cards.map(edit))
    },
  }
}

async function onFailure({ sql, facts, log }: OutboxContext, card: Card, error: unknown): Promise<void> {
  const failure = classifyTelegramError(error)
  switch (failure?.kind) {
    case 'not-modified':
      return
    case 'message-gone':
      await forgetCard(sql, card)
      facts.forgetPerson(card.userId)
      return
    // The next message finds out and makes the topic anew, card and all.
    case 'topic-gone':
      return
    default:
      log.warn(
        { userId: card.userId, error: error instanceof GrammyError ? error.description : error },
        'card not edited',
      )
      await markCardDirty(sql, card)
  }
}
