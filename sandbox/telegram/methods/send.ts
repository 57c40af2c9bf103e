import type { FileKind } from '../control-types.ts'
import { badRequest } from '../refusal.ts'
import { type Params, violation } from '../schema/read-params.ts'
import type { FormattedText } from '../text/entities.ts'
import { countCharacters, formatText } from '../text/formatted-text.ts'
import type { WireMessage } from '../wire.ts'
import { captionContent, fileContent, newPoll, plainContent, textContent } from '../world/content.ts'
import { addMessage, type Content } from '../world/messages.ts'
import type { Chat, StoredFile, StoredMessage } from '../world/model.ts'
import type { World } from '../world/world.ts'
import type { Call } from './call.ts'
import { readFile } from './input-files.ts'
import { readMarkup } from './keyboards.ts'
import { findOpenThread, findReply, findWritableChat, requireKnownThread, takeShare } from './targets.ts'

const maxTextCharacters = 4096
const maxCaptionCharacters = 1024

export function readText(params: Params): FormattedText {
  const raw = params['text']
  if (typeof raw !== 'string' || raw === '') throw badRequest('message text is empty')
  const formatted = formatText(raw, params['parse_mode'], params['entities'])
  if (formatted.text === '') throw badRequest('message text is empty')
  if (formatted.text.length > maxTextCharacters && countCharacters(formatted.text) > maxTextCharacters) {
    throw badRequest('message is too long')
  }
  return formatted
}

export function readCaption(params: Params): Content {
  const raw = params['caption']
  if (typeof raw !== 'string' || raw === '') return {}
  const { text, entities } = formatText(raw, params['parse_mode'], params['caption_entities'])
  if (text.length > maxCaptionCharacters && countCharacters(text) > maxCaptionCharacters) {
    throw badRequest('message caption is too long')
  }
  const above = params['show_caption_above_media'] === true ? { show_caption_above_media: true } : {}
  return { ...captionContent(text, entities), ...above }
}

const previewKeys = new Set('is_disabled url prefer_small_media prefer_large_media show_above_text'.split(' '))

export function readPreview(params: Params): Record<string, unknown> {
  const preview = params['link_preview_options']
  if (preview === undefined) return {}
  for (const key of Object.keys(preview as object)) {
    if (!previewKeys.has(key)) throw violation(`unknown field "${key}" of link_preview_options`)
  }
  return { link_preview_options: preview }
}

interface Sent {
  content: Content
  file?: StoredFile | null
  mediaGroupId?: string
  more?: Record<string, unknown>
}

/** Where a message of the bot goes. Found before the content is read, as the real server does. */
export interface Place {
  chat: Chat
  threadId: number | null
  reply: ReturnType<typeof findReply>
}

export function findPlace(world: World, params: Params): Place {
  const chat = findWritableChat(world, params)
  requireKnownThread(chat, params['message_thread_id'])
  const reply = findReply(world, chat, params)
  return { chat, threadId: findOpenThread(chat, params['message_thread_id'], reply.message), reply }
}

/** Writes as the bot. The share of the limits must have been taken. */
export function deliver(world: World, place: Place, params: Params, sent: Sent): StoredMessage {
  const markup = readMarkup(params['reply_markup'])
  return deliverWith(world, place, params, sent, markup)
}

export function deliverWith(
  world: World,
  place: Place,
  params: Params,
  sent: Sent,
  markup: ReturnType<typeof readMarkup>,
): StoredMessage {
  const { chat } = place
  const message = addMessage(world, chat, {
    content: sent.content,
    from: world.bot,
    authorId: world.bot.id,
    fromBot: true,
    threadId: place.threadId,
    replyTo: place.reply.message,
    file: sent.file ?? null,
    protect: params['protect_content'] === true,
    keyboard: markup.inline,
    replyKeyboard: markup.reply,
    mediaGroupId: sent.mediaGroupId,
    more: { ...place.reply.more, ...sent.more },
  })
  world.counters.sent(chat.id)
  world.flood?.noteText(chat.id, sent.content.text ?? sent.content.caption)
  return message
}

function sendContent(world: World, call: Call, read: (place: Place) => Sent): WireMessage {
  const { params } = call
  const place = findPlace(world, params)
  const sent = read(place)
  const markup = readMarkup(params['reply_markup'])
  takeShare(world, place.chat, params)
  return deliverWith(world, place, params, sent, markup).wire
}

export function sendMessage(world: World, call: Call): WireMessage {
  return sendContent(world, call, () => {
    const { text, entities } = readText(call.params)
    return { content: textContent(text, entities), more: readPreview(call.params) }
  })
}

const withSpoiler = new Set<FileKind>(['photo', 'video', 'animation'])

export function sendFile(kind: FileKind) {
  return (world: World, call: Call): WireMessage =>
    sendContent(world, call, () => {
      const file = readFile(world, call, kind, call.params[kind], call.params)
      const caption = kind === 'sticker' || kind === 'video_note' ? {} : readCaption(call.params)
      const spoiler = withSpoiler.has(kind) && call.params['has_spoiler'] === true ? { has_media_spoiler: true } : {}
      return { content: { ...fileContent(file), ...caption, ...spoiler }, file }
    })
}

export function sendLocation(world: World, call: Call): WireMessage {
  return sendContent(world, call, () => ({ content: plainContent({ kind: 'location', ...readPlace(call.params) }) }))
}

export function sendVenue(world: World, call: Call): WireMessage {
  return sendContent(world, call, () => {
    const { title, address } = call.params
    if (typeof title !== 'string' || title === '') throw badRequest('venue title must be non-empty')
    if (typeof address !== 'string' || address === '') throw badRequest('venue address must be non-empty')
    return { content: plainContent({ kind: 'venue', ...readPlace(call.params), title, address }) }
  })
}

function readPlace(params: Params): { latitude: number; longitude: number } {
  const { latitude, longitude } = params
  if (typeof latitude !== 'number' || typeof longitude !== 'number') throw badRequest('location is empty')
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) throw badRequest('location is invalid')
  return { latitude, longitude }
}

export function sendContact(world: World, call: Call): WireMessage {
  return sendContent(world, call, () => {
    const { phone_number: phoneNumber, first_name: firstName, last_name: lastName } = call.params
    if (typeof phoneNumber !== 'string' || phoneNumber === '') throw badRequest('phone number is empty')
    if (typeof firstName !== 'string' || firstName === '') throw badRequest('first name is empty')
    const last = typeof lastName === 'string' && lastName !== '' ? { lastName } : {}
    return { content: plainContent({ kind: 'contact', phoneNumber, firstName, ...last }) }
  })
}

export function sendDice(world: World, call: Call): WireMessage {
  return sendContent(world, call, () => {
    const emoji = call.params['emoji'] ?? '🎲'
    if (typeof emoji !== 'string' || !['🎲', '🎯', '🏀', '⚽', '🎳', '🎰'].includes(emoji))
      throw badRequest('DICE_EMOJI_INVALID')
    return { content: plainContent({ kind: 'dice', emoji }) }
  })
}

export function sendPoll(world: World, call: Call): WireMessage {
  return sendContent(world, call, () => {
    const { params } = call
    const { question, options } = params
    if (typeof question !== 'string' || question === '') throw badRequest('poll question must be non-empty')
    if (countCharacters(question) > 300) throw badRequest('poll question length must not exceed 300')
    if (!Array.isArray(options) || options.length < 1) throw badRequest('poll must have at least 1 option')
    if (options.length > 12) throw badRequest("poll can't have more than 12 options")
    const texts = options.map((option: { text?: unknown }) => {
      if (typeof option?.text !== 'string' || option.text === '') throw badRequest('poll options must be non-empty')
      return option.text
    })
    if (params['question_parse_mode'] !== undefined) throw violation('formatted poll questions are not played')
    const correct = params['correct_option_ids']
    const quiz =
      params['type'] === 'quiz' ? { correct: Array.isArray(correct) ? (correct as number[]) : [0] } : undefined
    const more = { multiple: params['allows_multiple_answers'] === true, anonymous: params['is_anonymous'] !== false }
    return { content: { poll: newPoll(question, texts, quiz ? { ...more, quiz } : more) } }
  })
}

const albumKinds: Record<string, FileKind> = { photo: 'photo', video: 'video', audio: 'audio', document: 'document' }
const albumItemKeys = new Set(
  'type media caption parse_mode caption_entities show_caption_above_media has_spoiler thumbnail cover start_timestamp width height duration supports_streaming performer title disable_content_type_detection'.split(
    ' ',
  ),
)

export function sendMediaGroup(world: World, call: Call): WireMessage[] {
  const { params } = call
  const place = findPlace(world, params)
  const items = params['media']
  if (!Array.isArray(items) || items.length === 0) throw badRequest('there is nothing to send')
  if (items.length < 2 || items.length > 10) throw badRequest('the number of media in an album must be from 2 to 10')
  const kinds = new Set((items as Params[]).map((item) => item['type']))
  if (kinds.size > 1 && (kinds.has('document') || kinds.has('audio'))) {
    throw badRequest(`${kinds.has('document') ? 'document' : 'audio'} can't be mixed with other media types`)
  }
  const sent = (items as Params[]).map((item) => readAlbumItem(world, call, item))
  takeShare(world, place.chat, params, items.length)
  const mediaGroupId = newAlbumId()
  return sent.map((part) => deliver(world, place, params, { ...part, mediaGroupId }).wire)
}

function readAlbumItem(world: World, call: Call, item: Params): { content: Content; file: StoredFile } {
  const kind = albumKinds[String(item['type'])]
  if (!kind) throw badRequest(`type "${String(item['type'])}" can't be used in an album`)
  for (const key of Object.keys(item))
    if (!albumItemKeys.has(key)) throw violation(`unknown field "${key}" of an album item`)
  const file = readFile(world, call, kind, item['media'], item)
  const spoiler = item['has_spoiler'] === true ? { has_media_spoiler: true } : {}
  return { content: { ...fileContent(file), ...readCaption(item), ...spoiler }, file }
}

let lastAlbum = Date.now() * 1000

export function newAlbumId(): string {
  return String(++lastAlbum)
}

const chatActions = new Set(
  'typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker find_location record_video_note upload_video_note'.split(
    ' ',
  ),
)

/** To a deleted or closed topic it is simply true, as on the real server. */
export function sendChatAction(world: World, call: Call): true {
  const chat = findWritableChat(world, call.params)
  const action = call.params['action']
  if (typeof action !== 'string' || !chatActions.has(action)) throw badRequest('wrong parameter action in request')
  const threadId = call.params['message_thread_id']
  world.events.emit({ type: 'action', chatId: chat.id, action, ...(typeof threadId === 'number' ? { threadId } : {}) })
  return true
}
