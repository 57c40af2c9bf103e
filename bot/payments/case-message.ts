import { InlineKeyboard } from 'grammy'
import { escapeHtml } from '#bot/telegram/escape-html.ts'
import { formatMoney } from '#core/money/format-money.ts'
import type { findCase } from '#core/support/find-case.ts'

type Found = NonNullable<Awaited<ReturnType<typeof findCase>>>
type Translate = (key: string, args?: Record<string, string | number>) => string

/** What the team reads of a case, in Telegram's HTML, and the buttons while it is undecided. */
export function renderCase(t: Translate, { id, state, text, paid }: Found): { html: string; keyboard: InlineKeyboard } {
  const facts = { label: escapeHtml(paid.label), price: formatMoney(paid), at: paid.paidAt.getTime() }
  // A quote stands apart by itself.
  const html = `${t('case-title', facts)}\n<blockquote>${escapeHtml(text)}</blockquote>`
  return { html, keyboard: state === 'open' ? caseKeyboard(t, id) : new InlineKeyboard() }
}

export function caseKeyboard(t: Translate, caseId: string): InlineKeyboard {
  return new InlineKeyboard()
    .text(t('case-refund-button'), `pc1:refund:${caseId}`)
    .text(t('case-decline-button'), `pc1:decline:${caseId}`)
}
