import type { FileKind } from '../control-types.ts'
import { badRequest, Refusal } from '../refusal.ts'
import { type Params, violation } from '../schema/read-params.ts'
import type { WireMessage } from '../wire.ts'
import { fileContent, isCaptionable, textContent, type WirePoll } from '../world/content.ts'
import { noteEdited, deleteMessage as removeMessages } from '../world/messages.ts'
import type { StoredFile, StoredMessage } from '../world/model.ts'
import type { World } from '../world/world.ts'
import type { Call } from './call.ts'
import { readFile } from './input-files.ts'
import { readMarkup } from './keyboards.ts'
import { readCaption, readPreview, readText } from './send.ts'
import { findMessageTo, findOwnChat, findWritableChat, takeShare } from './targets.ts'

const unchanged =
  'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message'
const contentKeys = [
  'text',
  'entities',
  'caption',
  'caption_entities',
  'photo',
  'video',
  'animation',
  'audio',
  'document',
  'show_caption_above_media',
  'has_media_spoiler',
  'link_preview_options',
]

function findEditable(world: World, params: Params): StoredMessage {
  if (params['inline_message_id'] !== undefined) throw new Refusal(501, 'stand-in: inline messages are not played')
  const chat = findWritableChat(world, params)
  const message = findMessageTo(world, chat, 'edit', params['message_id'])
  if (!message.fromBot || message.service !== null) throw badRequest("message can't be edited")
  return message
}

/** Replaces what `replaced` names by `content`; the keyboard too, which goes away unless given again. */
function applyEdit(
  world: World,
  message: StoredMessage,
  params: Params,
  change: { replaced: string[]; content: Record<string, unknown>; file?: StoredFile },
): WireMessage {
  const { wire } = message
  const { inline, reply } = readMarkup(params['reply_markup'])
  if (reply !== undefined) throw badRequest('inline keyboard expected')
  const kept = Object.fromEntries(Object.entries(wire).filter(([key]) => !change.replaced.includes(key)))
  const next = { ...kept, ...change.content, ...(inline ? { reply_markup: inline } : {}) }
  if (!inline) Reflect.deleteProperty(next, 'reply_markup')
  if (fingerprint(next) === fingerprint(wire)) throw badRequest(unchanged)
  if (message.chat.person === null) takeShare(world, message.chat, params)
  for (const key of Object.keys(wire)) if (!(key in next)) Reflect.deleteProperty(wire, key)
  Object.assign(wire, next, { edit_date: world.nowSeconds() })
  if (change.file) message.file = change.file
  noteEdited(world, message)
  return wire
}

function fingerprint(wire: Record<string, unknown>): string {
  return JSON.stringify([...contentKeys, 'reply_markup'].map((key) => wire[key] ?? null))
}

export function editMessageText(world: World, call: Call): WireMessage {
  const message = findEditable(world, call.params)
  const { text, entities } = readText(call.params)
  if (message.wire.text === undefined) throw badRequest('there is no text in the message to edit')
  const content = { ...textContent(text, entities), ...readPreview(call.params) }
  return applyEdit(world, message, call.params, { replaced: ['text', 'entities', 'link_preview_options'], content })
}

export function editMessageCaption(world: World, call: Call): WireMessage {
  const message = findEditable(world, call.params)
  const content = readCaption(call.params)
  if (!isCaptionable(message.wire)) throw badRequest('there is no caption in the message to edit')
  const replaced = ['caption', 'caption_entities', 'show_caption_above_media']
  return applyEdit(world, message, call.params, { replaced, content })
}

export function editMessageReplyMarkup(world: World, call: Call): WireMessage {
  const message = findEditable(world, call.params)
  return applyEdit(world, message, call.params, { replaced: [], content: {} })
}

const mediaKinds = new Set<string>(['photo', 'video', 'animation', 'audio', 'document'] satisfies FileKind[])

export function editMessageMedia(world: World, call: Call): WireMessage {
  const message = findEditable(world, call.params)
  const media = call.params['media'] as Params | undefined
  if (!media || typeof media['type'] !== 'string') throw badRequest("can't parse InputMedia: media not found")
  if (!mediaKinds.has(media['type'])) throw violation(`media type ${media['type']} cannot be edited in`)
  const file = readFile(world, call, media['type'] as FileKind, media['media'], media)
  const spoiler = media['has_spoiler'] === true ? { has_media_spoiler: true } : {}
  const content = { ...fileContent(file), ...readCaption(media), ...spoiler }
  return applyEdit(world, message, call.params, { replaced: contentKeys, content, file })
}

export function stopPoll(world: World, call: Call): unknown {
  const chat = findWritableChat(world, call.params)
  const message = findMessageTo(world, chat, 'edit', call.params['message_id'])
  const poll = message.wire['poll'] as WirePoll | undefined
  if (!poll || !message.fromBot) throw badRequest("message with poll can't be stopped")
  if (poll.is_closed) throw badRequest('poll has already been closed')
  poll.is_closed = true
  noteEdited(world, message)
  return poll
}

const daySeconds = 24 * 3600
const twoDaysSeconds = 2 * daySeconds

/** Why the bot cannot delete a message for everybody. Whatever its rights, they reach back 48 hours. */
function whyUndeletable(world: World, { chat, fromBot, service, wire }: StoredMessage): string | null {
  const age = world.nowSeconds() - wire.date
  if (chat.kind === 'private' || chat.kind === 'group') {
    const isFreshDice = chat.kind === 'private' && wire['dice'] !== undefined && age < daySeconds
    const isTheirs = chat.kind === 'private' || (fromBot && service === null) || chat.botStatus === 'administrator'
    return isTheirs && !isFreshDice && age <= twoDaysSeconds ? null : "message can't be deleted for everyone"
  }
  const mayDelete = chat.botStatus === 'administrator' && chat.botRights.can_delete_messages
  const isFixed = service === 'forum_topic_created' || service === 'migrate_from_chat_id'
  const isDeletable = age < twoDaysSeconds && !isFixed && (mayDelete || (fromBot && service === null))
  return isDeletable ? null : "message can't be deleted"
}

function requireDeletable(world: World, messages: StoredMessage[]): void {
  for (const message of messages) {
    const reason = whyUndeletable(world, message)
    if (reason !== null) throw badRequest(reason)
  }
}

export function deleteMessage(world: World, call: Call): true {
  const chat = findOwnChat(world, call.params)
  const message = findMessageTo(world, chat, 'delete', call.params['message_id'])
  requireDeletable(world, [message])
  removeMessages(world, chat, [message.id])
  return true
}

/** What is not there is skipped; one that cannot be deleted refuses all. */
export function deleteMessages(world: World, call: Call): true {
  const chat = findOwnChat(world, call.params)
  const ids = call.params['message_ids']
  if (!Array.isArray(ids) || ids.length === 0) throw badRequest('message identifiers are not specified')
  if (ids.length > 100) throw badRequest('too many message identifiers specified')
  const messages = (ids as number[]).flatMap((id) => world.findMessage(chat, id) ?? [])
  requireDeletable(world, messages)
  removeMessages(
    world,
    chat,
    messages.map(({ id }) => id),
  )
  return true
}
