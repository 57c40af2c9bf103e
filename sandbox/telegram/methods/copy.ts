import { badRequest } from '../refusal.ts'
import { type Params, violation } from '../schema/read-params.ts'
import type { WireMessage } from '../wire.ts'
import { copyableContent, isCaptionable } from '../world/content.ts'
import type { Content } from '../world/messages.ts'
import type { Chat, StoredMessage } from '../world/model.ts'
import type { World } from '../world/world.ts'
import type { Call } from './call.ts'
import { readMarkup } from './keyboards.ts'
import { deliver, deliverWith, findPlace, newAlbumId, readCaption } from './send.ts'
import { findMessageTo, findOwnChat, messageOrigin, takeShare } from './targets.ts'

export function copyMessage(world: World, call: Call): { message_id: number } {
  const { params } = call
  const from = findOwnChat(world, params, 'from_chat_id')
  const source = findMessageTo(world, from, 'copy', params['message_id'])
  const place = findPlace(world, params)
  const content = withCaption(readCopy(source), params)
  const markup = readMarkup(params['reply_markup'])
  takeShare(world, place.chat, params)
  const copy = deliverWith(world, place, params, { content, file: source.file }, markup)
  noteCopied(world, source, place.chat)
  return { message_id: copy.id }
}

export function forwardMessage(world: World, call: Call): WireMessage {
  const { params } = call
  const from = findOwnChat(world, params, 'from_chat_id')
  const source = findMessageTo(world, from, 'forward', params['message_id'])
  const place = findPlace(world, params)
  const sent = readForward(source)
  takeShare(world, place.chat, params)
  const forwarded = deliver(world, place, params, sent)
  noteCopied(world, source, place.chat)
  return forwarded.wire
}

export function copyMessages(world: World, call: Call): { message_id: number }[] {
  const withoutCaptions = call.params['remove_caption'] === true
  return sendMany(world, call, 'copy', (source) => {
    const { caption: _, caption_entities: __, ...bare } = readCopy(source)
    return { content: withoutCaptions ? bare : readCopy(source), file: source.file }
  })
}

export function forwardMessages(world: World, call: Call): { message_id: number }[] {
  return sendMany(world, call, 'forward', readForward)
}

type Sent = Parameters<typeof deliver>[3]

/** Missing messages are skipped, so the answer may be shorter than the question; albums stay albums. */
function sendMany(
  world: World,
  call: Call,
  what: string,
  read: (source: StoredMessage) => Sent,
): { message_id: number }[] {
  const { params } = call
  const from = findOwnChat(world, params, 'from_chat_id')
  const place = findPlace(world, params)
  const sources = readIds(params).flatMap((id) => world.findMessage(from, id) ?? [])
  const sendable = sources.filter((source) => isSendable(source, what))
  if (sendable.length === 0)
    throw badRequest(sources.length === 0 ? 'there are no messages to forward' : "messages can't be forwarded")
  takeShare(world, place.chat, params, sendable.length)
  const albums = new Map<string, string>()
  return sendable.map((source) => {
    const sent = { ...read(source), ...albumOf(source, albums) }
    const message = deliver(world, place, params, sent)
    noteCopied(world, source, place.chat)
    return { message_id: message.id }
  })
}

function albumOf(source: StoredMessage, albums: Map<string, string>): { mediaGroupId?: string } {
  const old = source.wire.media_group_id
  if (old === undefined) return {}
  const mediaGroupId = albums.get(old) ?? newAlbumId()
  albums.set(old, mediaGroupId)
  return { mediaGroupId }
}

function readIds(params: Params): number[] {
  const ids = params['message_ids']
  if (!Array.isArray(ids) || ids.length === 0) throw badRequest('message identifiers are not specified')
  if (ids.length > 100) throw badRequest('too many message identifiers specified')
  ids.forEach((id, index) => {
    if (!Number.isSafeInteger(id)) throw violation('message_ids must be integers')
    if (index > 0 && id <= ids[index - 1])
      throw badRequest('message identifiers must be in a strictly increasing order')
  })
  return ids as number[]
}

function isSendable(source: StoredMessage, what: string): boolean {
  if (source.wire.has_protected_content) return false
  return what === 'copy' ? copyableContent(source.wire) !== null : source.service === null
}

function readCopy(source: StoredMessage): Content {
  const content = source.service === null ? copyableContent(source.wire) : null
  if (!content || source.wire.has_protected_content) throw badRequest("message can't be copied")
  return content
}

function readForward(source: StoredMessage): Sent {
  if (source.wire.has_protected_content) throw badRequest("message has protected content and can't be forwarded")
  const content = source.service === null ? copyableContent(source.wire) : null
  if (!content) throw badRequest("message can't be forwarded")
  return { content, file: source.file, more: { forward_origin: messageOrigin(source) } }
}

/** A caption given, even an empty one, replaces the old; text messages have none and ignore it. */
function withCaption(content: Content, params: Params): Content {
  if (params['caption'] === undefined || !isCaptionable(content)) return content
  const { caption: _, caption_entities: __, ...bare } = content
  return { ...bare, ...readCaption(params) }
}

function noteCopied(world: World, source: StoredMessage, to: Chat): void {
  if (!world.flood?.isRunning) world.counters.copied(source.chat.id, source.id, to.id)
}
