import { badRequest } from '../refusal.ts'
import { type Params, violation } from '../schema/read-params.ts'
import type { WireButton, WireInlineKeyboard } from '../wire.ts'

const actions = [
  'url',
  'callback_data',
  'web_app',
  'login_url',
  'switch_inline_query',
  'switch_inline_query_current_chat',
  'switch_inline_query_chosen_chat',
  'copy_text',
  'callback_game',
  'pay',
  'disabled',
]
const buttonKeys = new Set([...actions, 'text', 'icon_custom_emoji_id', 'style'])
const maxMarkupBytes = 10 * 1024

export interface Markup {
  inline: WireInlineKeyboard | undefined
  /** A reply keyboard, its removal or a forced reply: seen by the person, not by the bot. */
  reply: unknown
}

export function readMarkup(value: unknown): Markup {
  if (value === undefined) return { inline: undefined, reply: undefined }
  const markup = value as Params
  if (markup['inline_keyboard'] !== undefined) return { inline: readInline(markup), reply: undefined }
  if (markup['keyboard'] !== undefined || markup['remove_keyboard'] === true || markup['force_reply'] === true) {
    return { inline: undefined, reply: markup }
  }
  if (Object.keys(markup).length === 0) return { inline: undefined, reply: undefined }
  throw badRequest("can't parse reply keyboard markup JSON object")
}

function readInline(markup: Params): WireInlineKeyboard | undefined {
  const rows = markup['inline_keyboard']
  if (Object.keys(markup).length !== 1) throw violation('unknown field beside inline_keyboard')
  if (!Array.isArray(rows) || !rows.every(Array.isArray)) {
    throw badRequest("can't parse inline keyboard button: InlineKeyboard must be an Array of Arrays")
  }
  let count = 0
  for (const row of rows as WireButton[][])
    for (const button of row) {
      readButton(button)
      count++
    }
  if (count > 100) throw badRequest('reply markup is too long')
  if (Buffer.byteLength(JSON.stringify(rows)) > maxMarkupBytes) throw badRequest('reply markup is too long')
  const kept = (rows as WireButton[][]).filter((row) => row.length > 0)
  return kept.length > 0 ? { inline_keyboard: kept } : undefined
}

function readButton(button: WireButton): void {
  if (typeof button !== 'object' || button === null)
    throw badRequest("can't parse inline keyboard button: must be an Object")
  for (const key of Object.keys(button)) {
    if (!buttonKeys.has(key)) throw violation(`unknown field "${key}" of an inline keyboard button`)
  }
  if (typeof button.text !== 'string') throw badRequest('can\'t parse inline keyboard button: Can\'t find field "text"')
  if (button.text.trim() === '') throw badRequest('inline keyboard button text must be non-empty')
  const used = actions.filter((key) => button[key] !== undefined)
  if (used.length === 0) throw badRequest('text buttons are unallowed in the inline keyboard')
  if (used.length > 1) throw violation(`a button with several actions: ${used.join(', ')}`)
  if (button.callback_data !== undefined) checkData(button.callback_data)
  if (button.url !== undefined) checkUrl(button.url)
  const webApp = button['web_app'] as { url?: unknown } | undefined
  if (webApp !== undefined && !/^https:\/\//i.test(String(webApp.url))) {
    throw badRequest(
      `inline keyboard button Web App URL '${String(webApp.url)}' is invalid: Only HTTPS links are allowed`,
    )
  }
}

function checkData(data: unknown): void {
  if (typeof data !== 'string')
    throw badRequest('can\'t parse inline keyboard button: field "callback_data" must be of type String')
  const bytes = Buffer.byteLength(data)
  if (bytes < 1 || bytes > 64) throw badRequest('BUTTON_DATA_INVALID')
}

function checkUrl(url: unknown): void {
  if (typeof url !== 'string')
    throw badRequest('can\'t parse inline keyboard button: field "url" must be of type String')
  if (/^(tg|ton):\/\//i.test(url)) return
  const invalid = (why: string) => badRequest(`inline keyboard button URL '${url}' is invalid: ${why}`)
  if (url === '') throw invalid('URL is empty')
  const full = /^[a-z][a-z\d+.-]*:/i.test(url) ? url : `http://${url}`
  if (!/^https?:\/\//i.test(full)) throw invalid('Unsupported URL protocol')
  let host: string
  try {
    host = new URL(full).hostname
  } catch {
    throw invalid('Wrong HTTP URL')
  }
  if (!host.includes('.') && !host.startsWith('[')) throw invalid('Wrong HTTP URL')
}
