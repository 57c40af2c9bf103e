/**
 * What goes over the wire of the Bot API, as far as the stand-in has to touch it. The names are Telegram's.
 * Objects stay open (`[key: string]: unknown`) because most fields are only carried through.
 */
export interface WireUser {
  id: number
  is_bot: boolean
  first_name: string
  last_name?: string
  username?: string
  language_code?: string
  is_premium?: true
}

export type WireChatType = 'private' | 'group' | 'supergroup' | 'channel'

export interface WireChat {
  id: number
  type: WireChatType
  title?: string
  username?: string
  first_name?: string
  last_name?: string
  is_forum?: true
}

export interface WireEntity {
  type: string
  offset: number
  length: number
  url?: string
  user?: WireUser
  language?: string
  custom_emoji_id?: string
  [key: string]: unknown
}

export interface WireButton {
  text: string
  url?: string
  callback_data?: string
  [key: string]: unknown
}

export interface WireInlineKeyboard {
  inline_keyboard: WireButton[][]
}

export interface WireReaction {
  type: 'emoji' | 'custom_emoji' | 'paid'
  emoji?: string
  custom_emoji_id?: string
}

export interface WireMessage {
  message_id: number
  date: number
  chat: WireChat
  from?: WireUser
  sender_chat?: WireChat
  message_thread_id?: number
  is_topic_message?: true
  text?: string
  entities?: WireEntity[]
  caption?: string
  caption_entities?: WireEntity[]
  media_group_id?: string
  edit_date?: number
  has_protected_content?: true
  reply_to_message?: WireMessage
  reply_markup?: WireInlineKeyboard
  [key: string]: unknown
}

export interface WireForumTopic {
  message_thread_id: number
  name: string
  icon_color: number
  icon_custom_emoji_id?: string
}
