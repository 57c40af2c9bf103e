import { randomInt } from 'node:crypto'
import type { FileItem, MediaItem } from '../control-types.ts'
import type { WireEntity } from '../wire.ts'
import type { Content } from './messages.ts'
import type { StoredFile } from './model.ts'

/** The wire fields of a file of each kind. */
export function fileContent(file: StoredFile): Content {
  const ids = { file_id: file.fileId, file_unique_id: file.uniqueId, file_size: file.sizeBytes }
  const name = file.fileName === undefined ? {} : { file_name: file.fileName }
  const mime = { mime_type: file.mimeType }
  const sides = { width: file.width, height: file.height }
  const duration = { duration: file.durationSeconds }
  switch (file.kind) {
    case 'photo':
      return { photo: photoSizes(file) }
    case 'video':
      return { video: { ...ids, ...sides, ...duration, ...mime, ...name } }
    case 'animation': {
      const animation = { ...ids, ...sides, ...duration, ...mime, ...name }
      return { animation, document: { ...ids, ...mime, ...name } }
    }
    case 'voice':
      return { voice: { ...ids, ...duration, ...mime } }
    case 'video_note':
      return { video_note: { ...ids, length: file.width, ...duration } }
    case 'audio':
      return { audio: { ...ids, ...duration, ...mime, ...name } }
    case 'document':
      return { document: { ...ids, ...mime, ...name } }
    case 'sticker': {
      const emoji = file.emoji === undefined ? {} : { emoji: file.emoji }
      return { sticker: { ...ids, type: 'regular', ...sides, is_animated: false, is_video: false, ...emoji } }
    }
  }
}

function photoSizes(file: StoredFile): unknown[] {
  const small = {
    file_id: `${file.fileId}~s`,
    file_unique_id: `${file.uniqueId}s`,
    file_size: Math.ceil(file.sizeBytes / 16),
    width: 90,
    height: Math.max(1, Math.round((90 * file.height) / Math.max(1, file.width))),
  }
  const full = {
    file_id: file.fileId,
    file_unique_id: file.uniqueId,
    file_size: file.sizeBytes,
    width: file.width,
    height: file.height,
  }
  return [small, full]
}

export function captionContent(caption: string | undefined, entities: WireEntity[] | undefined): Content {
  if (caption === undefined || caption === '') return {}
  return entities && entities.length > 0 ? { caption, caption_entities: entities } : { caption }
}

export function textContent(text: string, entities: WireEntity[] | undefined): Content {
  return entities && entities.length > 0 ? { text, entities } : { text }
}

type PlainItem = Exclude<MediaItem, FileItem>

/** Kinds without a file, with plausible values where none are given. */
export function plainContent(item: PlainItem): Content {
  switch (item.kind) {
    case 'location':
      return { location: place(item) }
    case 'venue': {
      const venue = { location: place(item), title: item.title ?? 'Café', address: item.address ?? 'Main Street 1' }
      return { location: venue.location, venue }
    }
    case 'contact':
      return {
        contact: {
          phone_number: item.phoneNumber ?? '+15550100',
          first_name: item.firstName ?? 'Sam',
          ...(item.lastName === undefined ? {} : { last_name: item.lastName }),
        },
      }
    case 'poll':
      return {
        poll: newPoll(item.question ?? 'Tea or coffee?', item.options ?? ['Tea', 'Coffee'], {
          multiple: item.multiple ?? false,
        }),
      }
    case 'dice': {
      const emoji = item.emoji ?? '🎲'
      return { dice: { emoji, value: item.value ?? randomInt(1, emoji === '🎰' ? 65 : 7) } }
    }
  }
}

function place(item: { latitude?: number; longitude?: number }): { latitude: number; longitude: number } {
  return { latitude: item.latitude ?? 52.52, longitude: item.longitude ?? 13.405 }
}

export interface WirePoll {
  id: string
  question: string
  options: { persistent_id: string; text: string; voter_count: number }[]
  total_voter_count: number
  is_closed: boolean
  [key: string]: unknown
}

export function newPoll(
  question: string,
  options: string[],
  more: { multiple?: boolean; anonymous?: boolean; quiz?: { correct: number[]; explanation?: string } } = {},
): WirePoll {
  return {
    id: String(randomInt(2 ** 47)),
    question,
    options: options.map((text, index) => ({ persistent_id: `option-${index}`, text, voter_count: 0 })),
    total_voter_count: 0,
    is_closed: false,
    is_anonymous: more.anonymous ?? true,
    type: more.quiz ? 'quiz' : 'regular',
    allows_multiple_answers: more.multiple ?? false,
    allows_revoting: true,
    members_only: false,
    ...(more.quiz ? { correct_option_ids: more.quiz.correct } : {}),
    ...(more.quiz?.explanation === undefined ? {} : { explanation: more.quiz.explanation }),
  }
}

/** What a copy takes along. Null for what cannot be copied (service messages, invoices …). */
export function copyableContent(wire: Record<string, unknown>): Content | null {
  const content: Content = {}
  for (const key of copied) if (wire[key] !== undefined) content[key] = wire[key]
  return Object.keys(content).length > 0 ? content : null
}

const copied = [
  'text',
  'entities',
  'link_preview_options',
  'photo',
  'video',
  'animation',
  'voice',
  'video_note',
  'audio',
  'document',
  'sticker',
  'location',
  'venue',
  'contact',
  'poll',
  'dice',
  'caption',
  'caption_entities',
  'show_caption_above_media',
  'has_media_spoiler',
]

const captionable = ['photo', 'video', 'animation', 'voice', 'audio', 'document']

export function isCaptionable(wire: Record<string, unknown>): boolean {
  return captionable.some((key) => wire[key] !== undefined)
}
