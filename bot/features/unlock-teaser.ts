import { type Api, InlineKeyboard } from 'grammy'
import { priceOf, type Translate } from '#bot/payments/product-keyboard.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'
import { escapeHtml } from '#bot/telegram/escape-html.ts'
import { contentPreviewAlert } from '#core/content/change-content.ts'
import { waysToPay } from '#core/products/ways-to-pay.ts'
import type { RailChoice } from '#core/settings/settings.ts'
import type { Content, ContentPart, Product } from '#prisma'

/** How a button of this feature is told apart from others and from those of other versions. */
const PREFIX = 'ul1:'

/** What the buttons send; anybody can send anything, so all of it is looked up again. */
export const UNLOCK_FOR_CREDITS = new RegExp(`^${PREFIX}c:(\\d{1,9}):(\\d{1,9})$`)
export const UNLOCK_FOR_MONEY = new RegExp(`^${PREFIX}m:(\\d{1,9}):(\\d{1,9})$`)
export const SEND_AGAIN = new RegExp(`^${PREFIX}r:(\\d{1,9})$`)
export const sendAgainData = (contentId: number): string => `${PREFIX}r:${contentId}`

/** What a teaser says. */
type Teased = Pick<Content, 'id' | 'title' | 'description' | 'previewFileId' | 'active' | 'priceCredits'> & {
  parts: Pick<ContentPart, 'kind' | 'durationSeconds' | 'sizeBytes'>[]
  product: Pick<Product, 'active' | 'kind' | 'gives' | 'priceMinor' | 'currency' | 'priceStars'> | null
}

interface Look {
  /** Whoever looks has it already. */
  owned: boolean
  rails: RailChoice
}

/** What everybody may see of a content. */
export interface Teaser {
  html: string
  previewFileId: string | null
  keyboard: InlineKeyboard
}

/** Describes a content in the reader's language, with the buttons that fit what they hold. */
export function renderTeaser(translate: Translate, content: Teased, look: Look): Teaser {
  const { title, description, parts, active, previewFileId } = content
  const { owned } = look
  const lines = [
    `${owned ? '🔓' : '🔒'} <b>${escapeHtml(title)}</b>`,
    ...(description ? [escapeHtml(description)] : []),
    `<i>${escapeHtml(describeParts(translate, parts))}</i>`,
    ...(active || owned ? [] : [translate('unlock-unavailable')]),
  ]
  return { html: lines.join('\n'), previewFileId, keyboard: teaserKeyboard(translate, content, look) }
}

/** The buttons alone, for a teaser that stands already. */
export function teaserKeyboard(
  translate: Translate,
  { id, active, priceCredits, product }: Teased,
  { owned, rails }: Look,
): InlineKeyboard {
  const keyboard = new InlineKeyboard()
  if (owned) return keyboard.text(translate('unlock-again-button'), sendAgainData(id))
  if (!active) return keyboard
  if (priceCredits !== null) {
    keyboard.text(translate('unlock-credits-button', { cost: priceCredits }), `${PREFIX}c:${id}:${priceCredits}`).row()
  }
  if (product?.active && waysToPay(product, rails).length > 0) {
    const price = priceOf(product, rails)
    keyboard.text(translate('unlock-money-button', { price }), `${PREFIX}m:${id}:${product.priceMinor}`)
  }
  return keyboard
}

/** Kind, length and size: `Video · 2:35 · 14 MB`, `3 × Photo, Video · 40 MB`. */
function describeParts(translate: Translate, parts: Teased['parts']): string {
  const counts = new Map<string, number>()
  for (const { kind } of parts) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const kinds = [...counts].map(([kind, count]) => `${count > 1 ? `${count} × ` : ''}${translate(`kind-${kind}`)}`)
  const seconds = parts.reduce((sum, { durationSeconds }) => sum + (durationSeconds ?? 0), 0)
  const bytes = parts.reduce((sum, { sizeBytes }) => sum + Number(sizeBytes ?? 0), 0)
  const facts = [kinds.join(', '), ...(seconds > 0 ? [clock(seconds)] : []), ...(bytes > 0 ? [size(bytes)] : [])]
  return facts.join(' · ')
}

function clock(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}`
}

function size(bytes: number): string {
  const [value, unit] = bytes >= 1_000_000 ? [bytes / 1_000_000, 'MB'] : [bytes / 1000, 'kB']
  return `${value >= 10 ? Math.round(value) : Math.max(0.1, Math.round(value * 10) / 10)} ${unit}`
}

/**
 * Sends a teaser. A preview picture that Telegram does not know any more is left out; `previewGone` says so.
 */
export async function sendTeaserTo(
  api: Api,
  chatId: number | string,
  { html, previewFileId, keyboard }: Teaser,
): Promise<{ messageId: number; previewGone: boolean }> {
  const options = { parse_mode: 'HTML', reply_markup: keyboard } as const
  const sendText = async () =>
    (await api.sendMessage(chatId, html, { ...options, link_preview_options: { is_disabled: true } })).message_id
  if (previewFileId === null) return { messageId: await sendText(), previewGone: false }
  try {
    const sent = await api.sendPhoto(chatId, previewFileId, { ...options, caption: html })
    return { messageId: sent.message_id, previewGone: false }
  } catch (error) {
    if (classifyTelegramError(error)?.kind !== 'file-gone') throw error
    return { messageId: await sendText(), previewGone: true }
  }
}

/** What the team should know when a preview picture is left out because Telegram lost it. */
export function previewTrouble({ id, title }: Pick<Content, 'id' | 'title'>) {
  return {
    key: contentPreviewAlert(id),
    severity: 'warning',
    title: `The preview of “${title}” is gone`,
    detail:
      'Telegram does not know the picture any more; the teaser is shown without it. Open it with /content in General and change the preview.',
  } as const
}
