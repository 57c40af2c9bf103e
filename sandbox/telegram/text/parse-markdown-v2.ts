import { badRequest } from '../refusal.ts'
import type { WireEntity } from '../wire.ts'
import { type FormattedText, normalUrl, sortEntities } from './entities.ts'

type Kind = 'Bold' | 'Italic' | 'Underline' | 'Strikethrough' | 'Spoiler' | 'Code' | 'Pre' | 'TextUrl' | 'CustomEmoji'

interface Open {
  kind: Kind
  mark: string
  /** Where it begins in the source and in the resulting text. */
  from: number
  offset: number
  language?: string
}

const plain: Partial<Record<Kind, string>> = {
  Bold: 'bold',
  Italic: 'italic',
  Underline: 'underline',
  Strikethrough: 'strikethrough',
  Spoiler: 'spoiler',
  Code: 'code',
}

const reserved = new Set('_*[]()~`>#+-=|{}.!')

/** MarkdownV2 of the Bot API: reserved characters must be escaped, every entity closed, errors with byte offsets. */
export function parseMarkdownV2(source: string): FormattedText {
  return new MarkdownParser(source).parse()
}

class MarkdownParser {
  private readonly source: string
  private at = 0
  private text = ''
  private readonly open: Open[] = []
  private readonly entities: WireEntity[] = []
  private quoteFrom: number | null = null
  private atLineStart = true

  constructor(source: string) {
    this.source = source
  }

  parse(): FormattedText {
    while (this.at < this.source.length) this.step()
    this.closeQuote(false)
    const unclosed = this.open.at(-1)
    if (unclosed) throw this.broken(`Can't find end of ${unclosed.kind} entity`, unclosed.from)
    return { text: this.text, entities: sortEntities(this.entities) }
  }

  private step(): void {
    const c = this.source[this.at] ?? ''
    const next = this.source.charCodeAt(this.at + 1)
    const top = this.open.at(-1)
    if (c === '\\' && next > 0 && next <= 126) return this.append(this.source[this.at + 1] ?? '', 2)
    if (top?.kind === 'Code' || top?.kind === 'Pre') {
      return this.source.startsWith(top.mark, this.at) ? this.close(top) : this.append(c, 1)
    }
    if (c === '\n') return this.newLine()
    if (c === '>' && this.atLineStart) return this.openQuote()
    if (!reserved.has(c)) return this.append(c, 1)
    if (this.endsQuote(c)) return this.closeQuote(true)
    if (top && this.ends(top)) return this.close(top)
    this.begin(c)
  }

  private append(text: string, length: number): void {
    this.text += text
    this.at += length
    this.atLineStart = false
  }

  private newLine(): void {
    if (this.quoteFrom !== null && this.source[this.at + 1] !== '>') this.closeQuote(false)
    this.append('\n', 1)
    this.atLineStart = true
  }

  private openQuote(): void {
    this.quoteFrom ??= this.text.length
    this.at++
    this.atLineStart = false
  }

  private endsQuote(c: string): boolean {
    if (c !== '|' || this.quoteFrom === null || this.open.at(-1)?.kind === 'Spoiler') return false
    return this.source.startsWith('||', this.at) && /^(\n|$)/.test(this.source.slice(this.at + 2))
  }

  private closeQuote(expandable: boolean): void {
    if (this.quoteFrom === null) return
    const length = this.text.length - this.quoteFrom
    if (length > 0) {
      this.entities.push({ type: expandable ? 'expandable_blockquote' : 'blockquote', offset: this.quoteFrom, length })
    }
    this.quoteFrom = null
    if (expandable) this.at += 2
  }

  private ends(top: Open): boolean {
    if (top.kind === 'TextUrl' || top.kind === 'CustomEmoji') return this.source[this.at] === ']'
    if (top.kind === 'Italic') return this.source[this.at] === '_' && this.source[this.at + 1] !== '_'
    return this.source.startsWith(top.mark, this.at)
  }

  private begin(c: string): void {
    const pair = this.source.slice(this.at, this.at + 2)
    if (pair === '__') return this.push('Underline', '__')
    if (pair === '||') return this.push('Spoiler', '||')
    if (pair === '![') return this.push('CustomEmoji', '![')
    if (this.source.startsWith('```', this.at)) return this.pushPre()
    if (c === '_') return this.push('Italic', '_')
    if (c === '*') return this.push('Bold', '*')
    if (c === '~') return this.push('Strikethrough', '~')
    if (c === '`') return this.push('Code', '`')
    if (c === '[') return this.push('TextUrl', '[')
    throw broken(`Character '${c}' is reserved and must be escaped with the preceding '\\'`)
  }

  private push(kind: Kind, mark: string, language?: string): void {
    this.open.push({ kind, mark, from: this.at, offset: this.text.length, ...(language ? { language } : {}) })
    this.at += mark.length
    this.atLineStart = false
  }

  private pushPre(): void {
    const language = /^[^\s`]+(?=\n)/.exec(this.source.slice(this.at + 3))?.[0]
    this.push('Pre', '```', language)
    this.at += language?.length ?? 0
    if (this.source[this.at] === '\n') this.at++
  }

  private close(top: Open): void {
    this.open.pop()
    this.at += top.kind === 'TextUrl' || top.kind === 'CustomEmoji' ? 1 : top.mark.length
    const place = { offset: top.offset, length: this.text.length - top.offset }
    const url = top.kind === 'TextUrl' || top.kind === 'CustomEmoji' ? this.readUrl() : undefined
    if (place.length === 0) return
    const type = plain[top.kind]
    if (type !== undefined) this.entities.push({ type, ...place })
    else if (top.kind === 'Pre') {
      this.entities.push({ type: 'pre', ...place, ...(top.language ? { language: top.language } : {}) })
    } else if (top.kind === 'CustomEmoji') {
      const id = /^tg:\/\/emoji\?id=(\d+)$/.exec(url ?? '')?.[1]
      if (id === undefined) throw this.broken('Custom emoji entity must contain a tg://emoji URL', top.from)
      this.entities.push({ type: 'custom_emoji', ...place, custom_emoji_id: id })
    } else {
      const target = normalUrl(url ?? this.text.slice(top.offset))
      if (target !== null) this.entities.push({ type: 'text_link', ...place, url: target })
    }
  }

  private readUrl(): string | undefined {
    if (this.source[this.at] !== '(') return undefined
    const from = this.at
    let url = ''
    for (let i = this.at + 1; i < this.source.length; i++) {
      const c = this.source[i] ?? ''
      if (c === ')') {
        this.at = i + 1
        return url
      }
      if (c === '\\') i++
      url += this.source[i] ?? ''
    }
    throw this.broken("Can't find end of a URL", from)
  }

  private broken(text: string, position: number) {
    return broken(`${text} at byte offset ${Buffer.byteLength(this.source.slice(0, position))}`)
  }
}

const broken = (text: string) => badRequest(`can't parse entities: ${text}`)
