import type { InlineKeyboardMarkup, MessageEntity } from 'grammy/types'
import { timeLeft } from '#bot/telegram/time-left.ts'
import type { MessageKind } from '#core/conversations/message-kind.ts'
import { displayName } from '#core/topics/topic-name.ts'

/** Text with its formatting, ready for calls that take entities. */
export interface RichText {
  text: string
  entities: MessageEntity[]
}

export interface Header extends RichText {
  buttons: InlineKeyboardMarkup
  /** The same on a button, above kinds that carry no text. */
  buttonsWithText: InlineKeyboardMarkup
}

export interface HeaderFacts {
  kind: MessageKind
  user: { id: number; firstName: string; lastName: string | null; username: string | null }
  tier: 'new' | 'regular' | 'vip'
  credits: number
  passUntil: Date | null
}

/** The words of a header in the team's language. */
export interface HeaderWords {
  kinds: Record<MessageKind, string>
  tiers: Record<HeaderFacts['tier'], string>
  info: string
  gift: string
  ban: string
}

const kindSigns: Record<MessageKind, string> = {
  text: '💬',
  photo: '🖼',
  video: '🎬',
  animation: '🎞',
  voice: '🎤',
  video_note: '📹',
  audio: '🎵',
  document: '📄',
  sticker: '🏷',
  location: '📍',
  venue: '📍',
  contact: '📇',
  poll: '📊',
  dice: '🎲',
}

export const tierSigns: Record<HeaderFacts['tier'], string> = { new: '🆕', regular: '⭐', vip: '🏆' }

/** Keeps a right-to-left name from rearranging the line around it. */
const ISOLATE = '\u2068'
const END_ISOLATE = '\u2069'

/** The line above a user's message that says who it is and what they hold. */
export function renderHeader(
  facts: HeaderFacts,
  { style, words, now }: { style: 'full' | 'compact'; words: HeaderWords; now: Date },
): Header {
  const { kind, user, tier, credits, passUntil } = facts
  const sign = style === 'full' ? `${kindSigns[kind]} ${words.kinds[kind]} · ` : `${kindSigns[kind]} `
  const name = displayName(user)
  const holds = [`💳 ${credits}`]
  if (passUntil && passUntil > now) holds.push(`⏳ ${timeLeft(passUntil, now)}`)
  const about =
    style === 'full'
      ? [`${tierSigns[tier]} ${words.tiers[tier]}`, `#${user.id}`, ...holds]
      : [tierSigns[tier], ...holds]
  const handle = style === 'full' && user.username ? ` @${user.username}` : ''
  const text = `${sign}${ISOLATE}${name}${END_ISOLATE}${handle} · ${about.join(' · ')}`
  const span = { offset: sign.length + 1, length: name.length }
  const action = (label: string, verb: string) => ({ text: label, callback_data: `t1:${verb}:${user.id}` })
  const gift = action(words.gift, 'gift')
  const ban = action(words.ban, 'ban')
  return {
    text,
    entities: [
      { type: 'text_mention', ...span, user: { id: user.id, is_bot: false, first_name: user.firstName } },
      { type: 'bold', ...span },
    ],
    buttons: { inline_keyboard: [[action(words.info, 'info'), gift, ban]] },
    buttonsWithText: { inline_keyboard: [[action(text, 'info')], [gift, ban]] },
  }
}

/** Puts the header above a text and moves the text's entities along; offsets count UTF-16 units. */
export function withHeader(header: RichText, body: RichText): RichText {
  if (body.text === '') return { text: header.text, entities: header.entities }
  const shift = header.text.length + 1
  return {
    text: `${header.text}\n${body.text}`,
    entities: [...header.entities, ...body.entities.map((entity) => ({ ...entity, offset: entity.offset + shift }))],
  }
}
