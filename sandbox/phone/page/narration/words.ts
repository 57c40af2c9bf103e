import type { MessageView } from '#sandbox/telegram/control-types.ts'

const LONGEST_QUOTE = 48
const LONGEST_NAME = 20

const kinds: Record<string, string> = {
  photo: 'a photo',
  video: 'a video',
  animation: 'a GIF',
  voice: 'a voice message',
  video_note: 'a video message',
  audio: 'a song',
  document: 'a file',
  sticker: 'a sticker',
  venue: 'a place',
  location: 'a location',
  contact: 'a contact',
  poll: 'a poll',
  dice: 'a dice',
  invoice: 'an invoice',
}

/** The first words of a text, in quotation marks. */
export function quote(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  const short = shortened(line, LONGEST_QUOTE)
  // The isolates keep right-to-left text from turning the rest of the line around.
  return `“\u2068${short}\u2069”`
}

/** A name inside a sentence: cut to a readable length, its direction kept to itself. */
export function nameInSentence(name: string): string {
  return `\u2068${shortened(name, LONGEST_NAME)}\u2069`
}

/** For names that are heard or searched, where direction plays no part. */
export function withoutIsolates(text: string): string {
  return text.replaceAll(/[\u2068\u2069]/g, '')
}

/** Cut between what people see as characters, so that no emoji is torn apart. */
function shortened(text: string, most: number): string {
  const characters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment)
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : text
}

function kindOf(message: Pick<MessageView, 'media' | 'extra'>): string | null {
  const kind = message.media?.kind ?? message.extra?.kind
  return kind === undefined ? null : (kinds[kind] ?? `a ${kind.replaceAll('_', ' ')}`)
}

/** What somebody did by sending this message: “wrote …”, “sent a photo”. */
export function deedOf(message: Pick<MessageView, 'text' | 'media' | 'extra' | 'albumId'>): string {
  if (message.albumId) return 'sent an album'
  const kind = kindOf(message)
  if (kind) return message.text ? `sent ${kind} ${quote(message.text)}` : `sent ${kind}`
  if (message.text === '/start') return 'pressed Start'
  return `wrote ${quote(message.text ?? '')}`
}

/** What stands for a message where there is room for one line. */
export function previewOf(
  message: Pick<MessageView, 'text' | 'media' | 'extra' | 'service' | 'author' | 'wire'>,
): string {
  if (message.service) return serviceText(message)
  const named = asTitle(kindOf(message) ?? '')
  if (!message.text) return named
  return named ? `${named} · ${message.text}` : message.text
}

/** What a reply quotes: the text, or else what kind of thing it was. */
export function previewOfReply({ replyTo, wire }: Pick<MessageView, 'replyTo' | 'wire'>): string {
  if (replyTo?.preview) return replyTo.preview
  const original: object = wire.reply_to_message ?? {}
  // Sorted by the table above: a GIF is on the wire as a document too, a place as a location.
  const kind = Object.keys(kinds).find((name) => name in original)
  return kind ? asTitle(kinds[kind] ?? kind) : 'Message'
}

/** “a voice message” → “Voice message”. */
function asTitle(kind: string): string {
  const words = kind.replace(/^an? /, '')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

/** A line in the middle of a chat, as a messenger words it. */
export function serviceText({ service, author, wire }: Pick<MessageView, 'service' | 'author' | 'wire'>): string {
  const who = nameInSentence(author.name)
  switch (service) {
    case 'forum_topic_created':
      return 'Topic created'
    case 'forum_topic_edited':
      return `${who} changed the topic`
    case 'forum_topic_closed':
      return `${who} closed the topic`
    case 'forum_topic_reopened':
      return `${who} reopened the topic`
    case 'pinned_message':
      return `${who} pinned a message`
    case 'new_chat_title':
      return `${who} renamed the group`
    case 'new_chat_members':
      return 'A member joined'
    case 'left_chat_member':
      return 'A member left'
    case 'successful_payment': {
      const payment = wire.successful_payment as { total_amount?: unknown; currency?: unknown } | undefined
      return `Paid ${money(payment?.total_amount, payment?.currency)}`
    }
    case 'refunded_payment': {
      const refund = wire.refunded_payment as { total_amount?: unknown; currency?: unknown } | undefined
      return `${money(refund?.total_amount, refund?.currency)} given back`
    }
    default:
      return (service ?? '').replaceAll('_', ' ')
  }
}

export function money(amountMinor: unknown, currency: unknown): string {
  if (typeof amountMinor !== 'number' || typeof currency !== 'string') return 'an amount'
  if (currency.toUpperCase() === 'XTR') return `${amountMinor} Stars`
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  return format.format(amountMinor / 10 ** digits)
}
