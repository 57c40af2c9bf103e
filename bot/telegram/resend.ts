import type { Api } from 'grammy'
import type { Message } from 'grammy/types'
import { captionOf, LONGEST_CAPTION, type Place } from '#bot/telegram/relay-calls.ts'

/**
 * Sends a message anew from what the bot remembers of it, because the original cannot be copied (deleted meanwhile, or
 * protected). Null for kinds of which the bot does not hold enough: polls and dice.
 */
export async function resendMessage(api: Api, message: Message, { chatId, threadId }: Place): Promise<number | null> {
  const plain = threadId === null ? {} : { message_thread_id: threadId }
  const { text: caption, entities: caption_entities } = captionOf(message)
  // Longer than a bot may write under a picture; subscribers of Premium may.
  const isTooLong = caption.length > LONGEST_CAPTION
  const captioned = {
    ...plain,
    ...(!isTooLong && { caption, caption_entities }),
    ...(message.has_media_spoiler && { has_spoiler: true }),
    ...(message.show_caption_above_media && { show_caption_above_media: true }),
  }
  const sent = await sendAgain(api, chatId, message, plain, captioned)
  if (sent && isTooLong) await api.sendMessage(chatId, caption, { ...plain, entities: caption_entities })
  return sent?.message_id ?? null
}

async function sendAgain(
  api: Api,
  chatId: number,
  message: Message,
  plain: object,
  captioned: object,
): Promise<Message | null> {
  const photo = message.photo?.at(-1)
  if (message.text !== undefined) {
    const preview = message.link_preview_options && { link_preview_options: message.link_preview_options }
    return api.sendMessage(chatId, message.text, { ...plain, ...preview, entities: message.entities ?? [] })
  }
  if (message.animation) return api.sendAnimation(chatId, message.animation.file_id, captioned)
  if (photo && message.live_photo)
    return api.sendLivePhoto(chatId, message.live_photo.file_id, photo.file_id, captioned)
  if (photo) return api.sendPhoto(chatId, photo.file_id, captioned)
  if (message.video) return api.sendVideo(chatId, message.video.file_id, captioned)
  if (message.voice) return api.sendVoice(chatId, message.voice.file_id, captioned)
  if (message.audio) return api.sendAudio(chatId, message.audio.file_id, captioned)
  if (message.document) return api.sendDocument(chatId, message.document.file_id, captioned)
  if (message.video_note) return api.sendVideoNote(chatId, message.video_note.file_id, plain)
  if (message.sticker) return api.sendSticker(chatId, message.sticker.file_id, plain)
  if (message.venue) {
    const { location, title, address, ...place } = message.venue
    return api.sendVenue(chatId, location.latitude, location.longitude, title, address, { ...plain, ...place })
  }
  if (message.location) return api.sendLocation(chatId, message.location.latitude, message.location.longitude, plain)
  if (message.contact) {
    const { phone_number: phoneNumber, first_name: firstName, user_id: _, ...rest } = message.contact
    return api.sendContact(chatId, phoneNumber, firstName, { ...plain, ...rest })
  }
  return null
}
