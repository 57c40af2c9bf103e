import type { ControlVerbs, FileItem, MediaItem, MessageRef, Sender } from '../control-types.ts'
import { newAlbumId } from '../methods/send.ts'
import { messageOrigin } from '../methods/targets.ts'
import { trimmed, withFoundEntities } from '../text/formatted-text.ts'
import type { WireEntity, WireMessage } from '../wire.ts'
import { anonymousBot, botListens, getPerson, getWorldChat, isForum } from '../world/chats.ts'
import { captionContent, copyableContent, fileContent, plainContent, textContent } from '../world/content.ts'
import { addMessage, type Content, deleteMessage, noteEdited } from '../world/messages.ts'
import type { Chat, StoredFile, StoredMessage } from '../world/model.ts'
import type { World } from '../world/world.ts'

type WritingVerbs = Pick<
  ControlVerbs,
  'sendText' | 'sendMedia' | 'sendAlbum' | 'forwardMessage' | 'editMessage' | 'deleteMessages'
>

export function writingVerbs(world: World): WritingVerbs {
  return {
    sendText: (p) => write(world, p, { content: personText(p.text, p.entities) }).wire,
    sendMedia: (p) => write(world, p, mediaOf(world, p)).wire,
    sendAlbum: (p) => sendAlbum(world, p),
    forwardMessage: (p) => forward(world, p),
    editMessage: (p) => edit(world, p),
    deleteMessages: ({ chatId, messageIds }) => deleteMessage(world, getWorldChat(world, chatId), messageIds),
  }
}

interface Written {
  content: Content
  file?: StoredFile
  mediaGroupId?: string
  more?: Record<string, unknown>
}

function personText(text: string, entities: WireEntity[] | undefined): Content {
  const whole = entities ? { text, entities } : withFoundEntities(trimmed({ text, entities: [] }))
  if (whole.text === '') throw new Error('Telegram sends no empty text')
  return textContent(whole.text, whole.entities)
}

function isFileItem(item: MediaItem): item is FileItem {
  return !['location', 'venue', 'contact', 'poll', 'dice'].includes(item.kind)
}

function mediaOf(world: World, item: MediaItem): Written {
  if (!isFileItem(item)) return { content: plainContent(item) }
  const file = world.files.add(item.kind, item)
  const found = withFoundEntities({ text: item.caption ?? '', entities: item.captionEntities ?? [] })
  const spoiler = item.spoiler ? { has_media_spoiler: true } : {}
  return { content: { ...fileContent(file), ...captionContent(item.caption, found.entities), ...spoiler }, file }
}

/** A person's message: into the chat, and to the bot if it listens there. */
function write(world: World, sender: Sender, written: Written): StoredMessage {
  const person = getPerson(world, sender.userId)
  const chat = getWorldChat(world, sender.chatId ?? sender.userId)
  checkMayWrite(chat, sender)
  if (chat.person) chat.person.started = true
  const replyTo = sender.replyTo === undefined ? undefined : world.findMessage(chat, sender.replyTo)
  if (sender.replyTo !== undefined && !replyTo)
    throw new Error(`no message ${sender.replyTo} in chat ${chat.id} to reply to`)
  const quote = sender.quote === undefined || !replyTo ? {} : { quote: quoteOf(replyTo, sender.quote) }
  const author = sender.anonymous ? { from: anonymousBot, senderChat: chat.wire } : { from: person.user }
  const message = addMessage(world, chat, {
    ...author,
    authorId: person.user.id,
    fromBot: false,
    threadId: sender.threadId ?? replyTo?.threadId ?? null,
    replyTo,
    content: written.content,
    file: written.file ?? null,
    mediaGroupId: written.mediaGroupId,
    more: { ...quote, ...written.more },
  })
  if (hears(world, chat, message)) world.push(chat.kind === 'channel' ? 'channel_post' : 'message', message.wire)
  return message
}

function quoteOf(message: StoredMessage, text: string): Record<string, unknown> {
  const position = (message.wire.text ?? message.wire.caption ?? '').indexOf(text)
  if (position < 0) throw new Error('the quote is not in the message')
  return { text, position, is_manual: true }
}

function checkMayWrite(chat: Chat, sender: Sender): void {
  if (chat.person) {
    if (chat.id !== sender.userId) throw new Error(`user ${sender.userId} has no part in chat ${chat.id}`)
    if (chat.person.blockedBot) throw new Error(`user ${sender.userId} has blocked the bot; unblock it first`)
    return
  }
  const status = chat.members.get(sender.userId)
  if (status === undefined || status === 'left' || status === 'kicked') {
    throw new Error(`user ${sender.userId} is not a member of chat ${chat.id}`)
  }
  const isAdmin = status === 'creator' || status === 'administrator'
  if (sender.anonymous && !isAdmin) throw new Error(`user ${sender.userId} is no admin and cannot be anonymous`)
  if (sender.threadId !== undefined) checkTopic(chat, sender.threadId, isAdmin)
}

function checkTopic(chat: Chat, threadId: number, isAdmin: boolean): void {
  const topic = isForum(chat) ? chat.topics.get(threadId) : undefined
  if (!topic || topic.deletedError) throw new Error(`no topic ${threadId} in chat ${chat.id}`)
  if (topic.closed && !isAdmin) throw new Error(`topic ${threadId} is closed`)
}

/** A bot that is no admin hears commands and replies to itself only (privacy mode). */
function hears(world: World, chat: Chat, message: StoredMessage): boolean {
  if (!botListens(chat)) return false
  if (chat.person || chat.botStatus === 'administrator') return true
  const { text = '', reply_to_message: reply } = message.wire
  return text.startsWith('/') || text.includes(`@${world.bot.username ?? ''}`) || reply?.from?.id === world.bot.id
}

async function sendAlbum(world: World, p: Parameters<ControlVerbs['sendAlbum']>[0]): Promise<WireMessage[]> {
  if (p.items.length < 2 || p.items.length > 10) throw new Error('an album has 2 to 10 items')
  const mediaGroupId = newAlbumId()
  const sent: WireMessage[] = []
  for (const item of p.items) {
    if (sent.length > 0 && p.gapMs) await new Promise((resolve) => setTimeout(resolve, p.gapMs))
    sent.push(write(world, p, { ...mediaOf(world, item), mediaGroupId }).wire)
  }
  return sent
}

function forward(world: World, p: Sender & { fromChatId: number; messageId: number }): WireMessage {
  const source = world.findMessage(getWorldChat(world, p.fromChatId), p.messageId)
  const content = source && copyableContent(source.wire)
  if (!content) throw new Error(`no message ${p.messageId} in chat ${p.fromChatId} that could be forwarded`)
  if (source.wire.has_protected_content) throw new Error('the message is protected and cannot be forwarded')
  const more = { forward_origin: messageOrigin(source) }
  return write(world, p, { content, more, ...(source.file ? { file: source.file } : {}) }).wire
}

function edit(
  world: World,
  p: MessageRef & { text?: string; caption?: string; entities?: WireEntity[]; media?: MediaItem },
): WireMessage {
  const chat = getWorldChat(world, p.chatId)
  const message = world.findMessage(chat, p.messageId)
  if (!message || message.fromBot) throw new Error(`no message ${p.messageId} of a person in chat ${p.chatId}`)
  const { wire } = message
  if (p.media) {
    const { content, file } = mediaOf(world, p.media)
    for (const key of Object.keys(copyableContent(wire) ?? {})) Reflect.deleteProperty(wire, key)
    Object.assign(wire, content)
    message.file = file ?? null
  }
  if (p.text !== undefined) replaceText(wire, personText(p.text, p.entities), ['text', 'entities'])
  if (p.caption !== undefined) {
    const found = withFoundEntities({ text: p.caption, entities: p.entities ?? [] })
    replaceText(wire, captionContent(found.text, found.entities), ['caption', 'caption_entities'])
  }
  wire.edit_date = world.nowSeconds()
  noteEdited(world, message)
  if (hears(world, chat, message)) world.push(chat.kind === 'channel' ? 'edited_channel_post' : 'edited_message', wire)
  return wire
}

function replaceText(wire: WireMessage, content: Content, keys: string[]): void {
  for (const key of keys) Reflect.deleteProperty(wire, key)
  Object.assign(wire, content)
}
