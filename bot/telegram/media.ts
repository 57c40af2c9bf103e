import type {
  InputMediaAudio,
  InputMediaDocument,
  InputMediaLivePhoto,
  InputMediaPhoto,
  InputMediaVideo,
  Message,
} from 'grammy/types'
import type { RichText } from '#bot/telegram/header.ts'
import type { MessageKind } from '#core/conversations/message-kind.ts'

type MediaGroupItem = InputMediaAudio | InputMediaDocument | InputMediaLivePhoto | InputMediaPhoto | InputMediaVideo

const families: Partial<Record<MessageKind, 'visual' | 'audio' | 'document'>> = {
  photo: 'visual',
  video: 'visual',
  audio: 'audio',
  document: 'document',
}

/** What the parts have in common so that they can be one album again; null when they cannot. */
export function mediaGroupFamily(parts: readonly { kind: MessageKind }[]): 'visual' | 'audio' | 'document' | null {
  const [first, ...rest] = parts
  const family = first && families[first.kind]
  return family && rest.every(({ kind }) => families[kind] === family) ? family : null
}

/** The part of an album, by the id of the file that Telegram already has. */
export function mediaGroupItem(message: Message, { text, entities }: RichText): MediaGroupItem {
  const caption = text === '' ? {} : { caption: text, caption_entities: entities }
  const visual = {
    ...caption,
    ...(message.has_media_spoiler && { has_spoiler: true }),
    ...(message.show_caption_above_media && { show_caption_above_media: true }),
  }
  const photo = message.photo?.at(-1)
  const live = message.live_photo
  if (photo && live) return { type: 'live_photo', media: live.file_id, photo: photo.file_id, ...visual }
  if (photo) return { type: 'photo', media: photo.file_id, ...visual }
  if (message.video) return { type: 'video', media: message.video.file_id, ...visual }
  if (message.audio) return { type: 'audio', media: message.audio.file_id, ...caption }
  if (message.document) return { type: 'document', media: message.document.file_id, ...caption }
  throw new Error('This message is no part of an album')
}
