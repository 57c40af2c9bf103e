import { badRequest } from '../refusal.ts'
import { violation } from '../schema/read-params.ts'
import type { WireEntity } from '../wire.ts'
import { type FormattedText, sortEntities } from './entities.ts'
import { parseHtml } from './parse-html.ts'
import { parseMarkdownV2 } from './parse-markdown-v2.ts'

/** Text as a bot sends it → as everybody sees it, or the error the real server gives. */
export function formatText(raw: string, parseMode: unknown, entities: unknown): FormattedText {
  if (Buffer.byteLength(raw) > 32 * 1024) throw badRequest('text is too long')
  if (parseMode !== undefined && parseMode !== '' && entities !== undefined) {
    throw violation('parse_mode and entities exclude each other')
  }
  const parsed = parseBy(raw, parseMode, entities)
  return withFoundEntities(trimmed(parsed))
}

function parseBy(raw: string, parseMode: unknown, entities: unknown): FormattedText {
  if (parseMode === undefined || parseMode === '') return { text: raw, entities: readEntities(raw, entities) }
  if (typeof parseMode !== 'string') throw badRequest('unsupported parse_mode')
  switch (parseMode.toLowerCase()) {
    case 'html':
      return parseHtml(raw)
    case 'markdownv2':
      return parseMarkdownV2(raw)
    case 'markdown':
      throw violation('the legacy parse_mode Markdown is not played')
    default:
      throw badRequest('unsupported parse_mode')
  }
}

const plainTypes = new Set(
  'mention hashtag cashtag bot_command url email phone_number bold italic underline strikethrough spoiler blockquote expandable_blockquote code pre text_link text_mention custom_emoji'.split(
    ' ',
  ),
)

function readEntities(text: string, entities: unknown): WireEntity[] {
  if (entities === undefined) return []
  if (!Array.isArray(entities)) throw badRequest("can't parse entities: expected an Array")
  return entities.map((entity: WireEntity) => {
    if (!plainTypes.has(entity.type)) throw badRequest("can't parse entities: unsupported type")
    if (!Number.isInteger(entity.offset) || !Number.isInteger(entity.length)) throw violation('entity without a place')
    if (entity.offset < 0 || entity.offset + entity.length > text.length) {
      throw badRequest(`can't parse entities: entity of type ${entity.type} is out of the text`)
    }
    if (entity.type === 'text_link' && typeof entity.url !== 'string')
      throw badRequest("can't parse entities: url is empty")
    return { ...entity }
  })
}

/** White space at both ends goes, and the entities follow. */
export function trimmed({ text, entities }: FormattedText): FormattedText {
  const shorter = text.trim()
  if (shorter.length === text.length) return { text, entities }
  const cut = text.indexOf(shorter)
  const moved = entities.flatMap((entity) => {
    const from = Math.max(entity.offset - cut, 0)
    const to = Math.min(entity.offset - cut + entity.length, shorter.length)
    return to > from ? [{ ...entity, offset: from, length: to - from }] : []
  })
  return { text: shorter, entities: moved }
}

const found =
  /(?<command>(?<![\w/])\/[a-zA-Z]\w{0,63}(?:@\w{3,32})?)|(?<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)|(?<mention>(?<!\w)@[a-zA-Z]\w{3,31})|(?<hashtag>(?<!\w)#\p{L}[\p{L}\d_]*)|(?<url>https?:\/\/[^\s<>"]+|(?<![\w@.-])(?:[a-z\d-]+\.)+(?:com|org|net|io|me|dev|app|example)(?:\/[^\s<>"]*)?)/giu
const types = { command: 'bot_command', email: 'email', mention: 'mention', hashtag: 'hashtag', url: 'url' } as const
/** Within these nothing is looked for. */
const opaqueTypes = new Set(['code', 'pre', 'text_link', 'text_mention'])

/** Commands, mentions, hashtags and addresses become entities by themselves, unless they are inside of something else or given already. */
export function withFoundEntities({ text, entities }: FormattedText): FormattedText {
  if (!/[/@#.]/.test(text)) return { text, entities }
  const all = [...entities]
  for (const match of text.matchAll(found)) {
    const name = Object.entries(match.groups ?? {}).find(([, part]) => part !== undefined)?.[0]
    if (name === undefined) continue
    const type = types[name as keyof typeof types]
    const length = match[0].replace(/[.,!?:;)]+$/, '').length
    const isTaken = entities.some(
      (given) => overlaps(given, match.index, length) && (opaqueTypes.has(given.type) || given.type === type),
    )
    if (!isTaken) all.push({ type, offset: match.index, length })
  }
  return { text, entities: sortEntities(all) }
}

function overlaps(entity: WireEntity, offset: number, length: number): boolean {
  return entity.offset < offset + length && offset < entity.offset + entity.length
}

export const countCharacters = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}
