import type { InlineKeyboardMarkup } from 'grammy/types'
import { escapeHtml } from '#bot/telegram/escape-html.ts'
import { tierSigns } from '#bot/telegram/header.ts'
import { timeLeft } from '#bot/telegram/time-left.ts'
import { formatMoney } from '#core/money/format-money.ts'
import type { CardFacts } from '#core/topics/card-state.ts'
import { displayName } from '#core/topics/topic-name.ts'

/** Looks a text up in the team's language. */
export type Translate = (key: string, args?: Record<string, string | number>) => string

const NOTE_LENGTH = 120

/** The pinned message of a topic, in Telegram's HTML: who this is and where they stand, in at most ten short lines. */
export function renderCard(
  facts: CardFacts,
  { t, locale, now }: { t: Translate; locale: string; now: Date },
): { html: string; buttons: InlineKeyboardMarkup } {
  const pass = facts.passUntil && facts.passUntil > now ? timeLeft(facts.passUntil, now, locale) : null
  const spent = facts.spent.map((sum) => formatMoney(sum, locale)).join(' + ')
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(facts.since)
  const lines = [
    `<b>${tierSigns[facts.tier]} ${escapeHtml(nameOf(facts))}</b>${facts.username ? ` @${escapeHtml(facts.username)}` : ''}`,
    `<code>${facts.userId}</code> · ${escapeHtml(t(`tier-${facts.tier}`))}`,
    [t('card-credits', { credits: facts.credits }), ...(pass ? [t('card-pass', { left: pass })] : [])]
      .map(escapeHtml)
      .join(' · '),
    [spent ? t('card-spent', { spent }) : t('card-nothing-spent'), t('card-since', { date })]
      .map(escapeHtml)
      .join(' · '),
    ...(facts.source ? [escapeHtml(t('card-source', { source: facts.source }))] : []),
    ...(facts.isBanned ? [escapeHtml(t('card-banned'))] : []),
    ...(facts.isBlocked ? [escapeHtml(t('card-blocked'))] : []),
    ...noteLines(facts, t),
  ]
  return { html: lines.join('\n'), buttons: cardButtons(facts, t) }
}

function nameOf({ userId, firstName, lastName }: CardFacts): string {
  return displayName({ id: BigInt(userId), firstName, lastName })
}

function noteLines({ notes, noteCount }: CardFacts, t: Translate): string[] {
  const lines = notes.map(({ text, author }) => {
    const short = text.length > NOTE_LENGTH ? `${text.slice(0, NOTE_LENGTH - 1).toWellFormed()}…` : text
    return `📝 ${escapeHtml(short.replace(/\s+/g, ' '))} — ${escapeHtml(author)}`
  })
  return noteCount > notes.length
    ? [...lines, escapeHtml(t('card-more-notes', { count: noteCount - notes.length }))]
    : lines
}

function cardButtons({ userId, isBanned }: CardFacts, t: Translate): InlineKeyboardMarkup {
  const action = (key: string, verb: string) => ({ text: t(key), callback_data: `t1:${verb}:${userId}` })
  return {
    inline_keyboard: [
      [action('topic-info', 'info'), action('topic-gift', 'gift')],
      [action(isBanned ? 'topic-unban' : 'topic-ban', 'ban'), action('topic-notes', 'notes')],
      [action('topic-close', 'close')],
    ],
  }
}
