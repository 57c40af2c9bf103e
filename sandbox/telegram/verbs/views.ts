import type { MediaView, MessageView } from '../control-types.ts'
import type { WireMessage } from '../wire.ts'
import { anonymousBot } from '../world/chats.ts'
import type { StoredFile, StoredMessage } from '../world/model.ts'
import type { World } from '../world/world.ts'

/** A message as the viewer sees it; without one, as the user of a private chat or any member of a group. */
export function messageView(world: World, message: StoredMessage, viewerId: number | undefined): MessageView {
  const { wire, chat } = message
  const eyes = viewerId ?? (chat.person ? chat.id : undefined)
  const text = wire.text ?? wire.caption
  const entities = wire.entities ?? wire.caption_entities
  const extra = extraOf(wire)
  const origin = wire['forward_origin'] as
    | { sender_user?: { first_name: string }; sender_chat?: { title?: string } }
    | undefined
  const forwardedFrom = origin?.sender_user?.first_name ?? origin?.sender_chat?.title
  return {
    chatId: chat.id,
    messageId: message.id,
    date: wire.date,
    ...(wire.edit_date === undefined ? {} : { editDate: wire.edit_date }),
    ...(message.threadId === null ? {} : { threadId: message.threadId }),
    author: authorOf(wire, chat.wire.title),
    outgoing: message.authorId === eyes,
    service: message.service,
    ...(text === undefined ? {} : { text }),
    ...(entities === undefined ? {} : { entities }),
    ...(message.file ? { media: mediaView(message.file, wire['has_media_spoiler'] === true) } : {}),
    ...(extra === undefined ? {} : { extra }),
    ...(wire.media_group_id === undefined ? {} : { albumId: wire.media_group_id }),
    ...replyOf(message),
    ...(forwardedFrom === undefined ? {} : { forwardedFrom }),
    ...(wire.reply_markup === undefined ? {} : { buttons: wire.reply_markup.inline_keyboard }),
    ...(message.replyKeyboard === undefined ? {} : { replyKeyboard: message.replyKeyboard }),
    ...paidBy(world, message, eyes),
    reactions: reactionsOf(world, message, eyes),
    pinned: chat.pinned.includes(message.id),
    protectedContent: wire.has_protected_content === true,
    viaBot: wire['via_bot'] !== undefined,
    wire,
  }
}

function authorOf(wire: WireMessage, groupTitle: string | undefined): MessageView['author'] {
  const { from } = wire
  const isAnonymous = wire.sender_chat !== undefined && from?.id === anonymousBot.id
  const name = isAnonymous ? (groupTitle ?? 'Group') : [from?.first_name, from?.last_name].filter(Boolean).join(' ')
  return { id: from?.id ?? 0, name, isBot: from?.is_bot === true && !isAnonymous, anonymous: isAnonymous }
}

function mediaView(file: StoredFile, spoiler: boolean): MediaView {
  return {
    kind: file.kind,
    fileId: file.fileId,
    fileUniqueId: file.uniqueId,
    path: `/control/files/${file.uniqueId}`,
    mimeType: file.mimeType,
    sizeBytes: file.sizeBytes,
    ...(file.fileName === undefined ? {} : { fileName: file.fileName }),
    durationSeconds: file.durationSeconds,
    width: file.width,
    height: file.height,
    ...(file.emoji === undefined ? {} : { emoji: file.emoji }),
    spoiler,
  }
}

const extraKinds = ['venue', 'location', 'contact', 'poll', 'dice', 'invoice']

function extraOf(wire: WireMessage): MessageView['extra'] {
  const kind = extraKinds.find((key) => wire[key] !== undefined)
  return kind === undefined ? undefined : { kind, value: wire[kind] }
}

function paidBy(world: World, message: StoredMessage, eyes: number | undefined): Pick<MessageView, 'paid'> {
  const invoice = world.stars.invoices.get(`${message.chat.id}:${message.id}`)
  return invoice ? { paid: eyes !== undefined && invoice.paidBy.includes(eyes) } : {}
}

function replyOf(message: StoredMessage): Pick<MessageView, 'replyTo'> {
  const reply = message.wire.reply_to_message
  // The first message of a topic is only replied to in name.
  if (!reply || reply.message_id === message.threadId) return {}
  const preview = reply.text ?? reply.caption ?? ''
  return {
    replyTo: { messageId: reply.message_id, author: reply.from?.first_name ?? '', preview: preview.slice(0, 80) },
  }
}

function reactionsOf(world: World, message: StoredMessage, eyes: number | undefined): MessageView['reactions'] {
  const byEmoji = new Map<string, MessageView['reactions'][number]>()
  for (const [actor, reactions] of message.reactions) {
    for (const { emoji = '⭐' } of reactions) {
      const entry = byEmoji.get(emoji) ?? { emoji, count: 0, mine: false, byBot: false }
      entry.count++
      entry.mine ||= actor === eyes
      entry.byBot ||= actor === world.bot.id
      byEmoji.set(emoji, entry)
    }
  }
  return [...byEmoji.values()]
}
