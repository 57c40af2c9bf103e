import type { ApiMethods, InlineKeyboardMarkup, Message } from 'grammy/types'
import { type Header, type RichText, withHeader } from '#bot/telegram/header.ts'
import { mediaGroupFamily, mediaGroupItem } from '#bot/telegram/media.ts'
import type { MessageKind } from '#core/conversations/message-kind.ts'

/** https://core.telegram.org/bots/api#sendmessage, #copymessage; counted in UTF-16 units, which never undercounts. */
const LONGEST_TEXT = 4096
export const LONGEST_CAPTION = 1024

/** Where a copy goes. General has no thread. */
export interface Place {
  chatId: number
  threadId: number | null
}

export interface RelayPart {
  kind: MessageKind
  message: Message
}

type Payload<M extends 'sendMessage' | 'copyMessage' | 'copyMessages' | 'sendMediaGroup'> = Parameters<ApiMethods[M]>[0]

/** One call, and which of the parts it brings over (none: it carries the header alone). */
export type RelayCall = { parts: number[] } & (
  | { method: 'sendMessage'; payload: Payload<'sendMessage'> }
  | { method: 'copyMessage'; payload: Payload<'copyMessage'> }
  | { method: 'copyMessages'; payload: Payload<'copyMessages'> }
  | { method: 'sendMediaGroup'; payload: Payload<'sendMediaGroup'> }
)

const captionable = new Set<MessageKind>(['photo', 'video', 'animation', 'voice', 'audio', 'document'])

/**
 * The calls that show a user's message to the team: one wherever the Bot API allows header and content in one message,
 * otherwise the header first. `null` for no header.
 */
export function buildRelayCalls(parts: readonly RelayPart[], header: Header | null, place: Place): RelayCall[] {
  const family = parts.length > 1 ? mediaGroupFamily(parts) : null
  if (family) return albumCalls(parts, family === 'visual', header, place)
  return parts.flatMap((part, index) => singleCalls(part, index, index === 0 ? header : null, place))
}

function singleCalls(part: RelayPart, index: number, header: Header | null, place: Place): RelayCall[] {
  const target = targetOf(place)
  if (part.kind === 'text') return textCalls(part.message, index, header, place)
  const copy = (extra: object): RelayCall => ({
    method: 'copyMessage',
    payload: { ...target, from_chat_id: part.message.chat.id, message_id: part.message.message_id, ...extra },
    parts: [index],
  })
  if (!header) return [copy({})]
  if (!captionable.has(part.kind)) return [copy({ reply_markup: header.buttonsWithText })]
  const { text, entities } = withHeader(header, captionOf(part.message))
  if (text.length > LONGEST_CAPTION) return [headerCall(header, place), copy({})]
  return [
    copy({
      caption: text,
      caption_entities: entities,
      reply_markup: header.buttons,
      ...(part.message.show_caption_above_media && { show_caption_above_media: true }),
    }),
  ]
}

function textCalls(message: Message, index: number, header: Header | null, place: Place): RelayCall[] {
  const body = { text: message.text ?? '', entities: message.entities ?? [] }
  const options = message.link_preview_options && { link_preview_options: message.link_preview_options }
  const send = ({ text, entities }: RichText, reply_markup?: InlineKeyboardMarkup): RelayCall => ({
    method: 'sendMessage',
    payload: { ...targetOf(place), text, entities, ...options, ...(reply_markup && { reply_markup }) },
    parts: [index],
  })
  if (!header) return [send(body)]
  const whole = withHeader(header, body)
  if (whole.text.length <= LONGEST_TEXT) return [send(whole, header.buttons)]
  return [headerCall(header, place), send(body)]
}

/**
 * A media group takes no buttons: its header stands in a caption. Of photos and videos Telegram shows in the chat the only
 * caption there is, and none where there are several; documents and audio show each their own.
 */
function albumCalls(parts: readonly RelayPart[], isVisual: boolean, header: Header | null, place: Place): RelayCall[] {
  const captions = parts.map(({ message }) => captionOf(message))
  // Subscribers of Premium may write longer captions than a bot: those can only be copied.
  if (captions.some(({ text }) => text.length > LONGEST_CAPTION)) return copiedAlbumCalls(parts, header, place)
  const group = (shown: readonly RichText[]): RelayCall => {
    const media = parts.map(({ message }, index) => mediaGroupItem(message, shown[index] ?? { text: '', entities: [] }))
    const payload = { ...targetOf(place), media } as Payload<'sendMediaGroup'>
    return { method: 'sendMediaGroup', payload, parts: parts.map((_, index) => index) }
  }
  if (!header) return [group(captions)]
  const written = captions.flatMap(({ text }, index) => (text === '' ? [] : [index]))
  const at = isVisual ? (written[0] ?? 0) : 0
  const whole = withHeader(header, captions[at] ?? { text: '', entities: [] })
  const isHidden = isVisual && written.length > 1
  if (isHidden || whole.text.length > LONGEST_CAPTION) return [headerCall(header, place), group(captions)]
  return [group(captions.with(at, whole))]
}

function copiedAlbumCalls(parts: readonly RelayPart[], header: Header | null, place: Place): RelayCall[] {
  const [first] = parts
  if (!first) return []
  const payload = {
    ...targetOf(place),
    from_chat_id: first.message.chat.id,
    message_ids: parts.map(({ message }) => message.message_id),
  }
  const copy: RelayCall = { method: 'copyMessages', payload, parts: parts.map((_, index) => index) }
  return header ? [headerCall(header, place), copy] : [copy]
}

function headerCall(header: Header, place: Place): RelayCall {
  const { text, entities, buttons } = header
  return {
    method: 'sendMessage',
    payload: { ...targetOf(place), text, entities, reply_markup: buttons },
    parts: [],
  }
}

export function targetOf({ chatId, threadId }: Place): { chat_id: number; message_thread_id?: number } {
  return threadId === null ? { chat_id: chatId } : { chat_id: chatId, message_thread_id: threadId }
}

export function captionOf(message: Message): RichText {
  return { text: message.caption ?? '', entities: message.caption_entities ?? [] }
}
