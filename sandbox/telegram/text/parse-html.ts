import { badRequest } from '../refusal.ts'
import type { WireEntity } from '../wire.ts'
import { type FormattedText, normalUrl, sortEntities } from './entities.ts'

interface OpenTag {
  name: string
  offset: number
  attributes: Map<string, string>
}

const known = new Set(
  'a b strong i em s strike del u ins tg-spoiler tg-emoji tg-time span pre code blockquote'.split(' '),
)

const simple: Record<string, string> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  u: 'underline',
  ins: 'underline',
  'tg-spoiler': 'spoiler',
  span: 'spoiler',
}

const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' }

/** The HTML of the Bot API: a fixed list of tags, every tag closed, errors with byte offsets. */
export function parseHtml(source: string): FormattedText {
  if (!source.includes('<') && !source.includes('&')) return { text: source, entities: [] }
  const parser = new HtmlParser(source)
  return parser.parse()
}

class HtmlParser {
  private readonly source: string
  private at = 0
  private text = ''
  private readonly open: OpenTag[] = []
  private readonly entities: WireEntity[] = []

  constructor(source: string) {
    this.source = source
  }

  parse(): FormattedText {
    while (this.at < this.source.length) {
      const c = this.source[this.at]
      if (c === '&') this.readReference()
      else if (c !== '<') this.readPlain()
      else if (this.source[this.at + 1] === '/') this.readEndTag()
      else this.readStartTag()
    }
    const unclosed = this.open.at(-1)
    if (unclosed) throw broken(`Can't find end tag corresponding to start tag "${unclosed.name}"`)
    return { text: this.text, entities: sortEntities(this.entities) }
  }

  private readPlain(): void {
    const rest = this.source.slice(this.at)
    const length = rest.search(/[<&]/)
    this.text += length < 0 ? rest : rest.slice(0, length)
    this.at += length < 0 ? rest.length : length
  }

  private readReference(): void {
    const [value, length] = decodeReference(this.source.slice(this.at, this.at + 12))
    this.text += value
    this.at += length
  }

  private readStartTag(): void {
    const begin = this.at
    const name = (/^[^\s>]*/.exec(this.source.slice(begin + 1))?.[0] ?? '').toLowerCase()
    this.at = begin + 1 + name.length
    if (this.at >= this.source.length) throw this.brokenAt('Unclosed start tag', begin)
    if (!known.has(name)) throw this.brokenAt(`Unsupported start tag "${name}"`, begin)
    const attributes = this.readAttributes(name, begin)
    if (name === 'span' && attributes.get('class') !== 'tg-spoiler') {
      throw this.brokenAt('Tag "span" must have class "tg-spoiler"', begin)
    }
    this.open.push({ name, offset: this.text.length, attributes })
  }

  private readAttributes(name: string, begin: number): Map<string, string> {
    const attributes = new Map<string, string>()
    for (;;) {
      this.skipSpace()
      if (this.at >= this.source.length) throw this.brokenAt(`Unclosed start tag "${name}"`, begin)
      if (this.source[this.at] === '>') break
      const start = this.at
      const key = /^[^\s=>]*/.exec(this.source.slice(start))?.[0] ?? ''
      if (key === '') throw this.brokenAt(`Empty attribute name in the tag "${name}"`, begin)
      this.at += key.length
      this.skipSpace()
      if (this.source[this.at] !== '=') {
        if (this.at >= this.source.length) throw this.brokenAt(`Unclosed start tag "${name}"`, begin)
        attributes.set(key.toLowerCase(), '')
        continue
      }
      this.at++
      this.skipSpace()
      attributes.set(key.toLowerCase(), this.readAttributeValue(name, begin))
    }
    this.at++
    return attributes
  }

  private readAttributeValue(name: string, begin: number): string {
    const quote = this.source[this.at]
    if (quote === '"' || quote === "'") {
      const end = this.source.indexOf(quote, this.at + 1)
      if (end < 0) throw this.brokenAt(`Unclosed start tag "${name}"`, begin)
      const value = this.source.slice(this.at + 1, end)
      this.at = end + 1
      return decodeAll(value)
    }
    const value = /^[a-zA-Z0-9.-]*/.exec(this.source.slice(this.at))?.[0] ?? ''
    const next = this.source[this.at + value.length]
    if (value === '' || (next !== undefined && next !== '>' && !/\s/.test(next))) {
      throw this.brokenAt('Unexpected end of name token', this.at)
    }
    this.at += value.length
    return value.toLowerCase()
  }

  private readEndTag(): void {
    const begin = this.at
    const tag = this.open.pop()
    if (!tag) throw this.brokenAt('Unexpected end tag', begin)
    const end = this.source.indexOf('>', begin)
    if (end < 0) throw this.brokenAt('Unclosed end tag', begin)
    const name = this.source
      .slice(begin + 2, end)
      .trim()
      .toLowerCase()
    if (name !== '' && name !== tag.name) {
      throw this.brokenAt('Unmatched end tag', begin, `, expected "</${tag.name}>", found "</${name}>"`)
    }
    this.at = end + 1
    this.close(tag)
  }

  private close(tag: OpenTag): void {
    const length = this.text.length - tag.offset
    if (length === 0) return
    const place = { offset: tag.offset, length }
    const type = simple[tag.name]
    if (type !== undefined) this.entities.push({ type, ...place })
    else if (tag.name === 'a') this.closeLink(tag, place)
    else if (tag.name === 'pre') this.closePre(place)
    else if (tag.name === 'code') this.closeCode(tag, place)
    else if (tag.name === 'blockquote') {
      this.entities.push({ type: tag.attributes.has('expandable') ? 'expandable_blockquote' : 'blockquote', ...place })
    } else if (tag.name === 'tg-emoji') {
      this.entities.push({ type: 'custom_emoji', ...place, custom_emoji_id: tag.attributes.get('emoji-id') ?? '' })
    }
  }

  private closeLink(tag: OpenTag, place: { offset: number; length: number }): void {
    const url = tag.attributes.get('href') ?? this.text.slice(place.offset)
    const target = normalUrl(url)
    if (target !== null) this.entities.push({ type: 'text_link', ...place, url: target })
  }

  private closePre(place: { offset: number; length: number }): void {
    const inner = this.entities.at(-1)
    const sameCode = inner?.type === 'code' && inner.offset === place.offset && inner.length === place.length
    if (sameCode) this.entities.pop()
    const language = sameCode && typeof inner.language === 'string' ? inner.language : undefined
    this.entities.push({ type: 'pre', ...place, ...(language === undefined ? {} : { language }) })
  }

  private closeCode(tag: OpenTag, place: { offset: number; length: number }): void {
    const language = /^language-(.+)$/.exec(tag.attributes.get('class') ?? '')?.[1]
    const insidePre = this.open.at(-1)?.name === 'pre'
    this.entities.push({ type: 'code', ...place, ...(insidePre && language !== undefined ? { language } : {}) })
  }

  private skipSpace(): void {
    while (/\s/.test(this.source[this.at] ?? '')) this.at++
  }

  private brokenAt(text: string, position: number, more = '') {
    return broken(`${text} at byte offset ${Buffer.byteLength(this.source.slice(0, position))}${more}`)
  }
}

const broken = (text: string) => badRequest(`can't parse entities: ${text}`)

function decodeReference(text: string): [string, number] {
  const match = /^&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]+));?/.exec(text)
  if (!match) return ['&', 1]
  if (match[3] !== undefined) {
    const value = named[match[3]]
    return value === undefined ? ['&', 1] : [value, match[0].length]
  }
  const code = match[1] === undefined ? Number.parseInt(match[2] ?? '', 16) : Number(match[1])
  return code > 0 && code <= 0x10ffff ? [String.fromCodePoint(code), match[0].length] : ['&', 1]
}

function decodeAll(value: string): string {
  return value.replace(/&[^&]*/g, (part) => {
    const [decoded, length] = decodeReference(part)
    return decoded + part.slice(length)
  })
}
