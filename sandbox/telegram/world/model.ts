import type { BotRights, BotStatus, DeletedTopicError, FileKind, MemberStatus } from '../control-types.ts'
import type { WireChat, WireChatType, WireMessage, WireReaction, WireUser } from '../wire.ts'

export interface Person {
  user: WireUser
  started: boolean
  blockedBot: boolean
  deactivated: boolean
}

export interface Topic {
  id: number
  name: string
  iconColor: number
  iconCustomEmojiId?: string
  closed: boolean
  /** How calls fail after the topic was deleted. */
  deletedError: DeletedTopicError | null
  rootMessage: StoredMessage
}

export interface Chat {
  id: number
  kind: WireChatType
  wire: WireChat
  /** Of a private chat. */
  person: Person | null
  members: Map<number, MemberStatus>
  /** Admins who act in the name of the group. */
  anonymousAdmins: Set<number>
  botStatus: BotStatus
  botRights: BotRights
  topics: Map<number, Topic>
  general: { name: string; closed: boolean; hidden: boolean }
  messages: Map<number, StoredMessage>
  /** Supergroups number their messages themselves; private chats and basic groups share the bot's counter. */
  ownCounter: number | null
  /** Oldest first. */
  pinned: number[]
  migratedTo: number | null
}

export interface StoredFile {
  kind: FileKind
  fileId: string
  uniqueId: string
  mimeType: string
  sizeBytes: number
  fileName?: string
  width: number
  height: number
  durationSeconds: number
  emoji?: string
  bytes: Buffer | null
}

export interface StoredMessage {
  chat: Chat
  id: number
  /** What the bot sees. Changed in place by edits. */
  wire: WireMessage
  fromBot: boolean
  /** The person who really wrote it, also where the group stands for an anonymous admin. */
  authorId: number
  threadId: number | null
  file: StoredFile | null
  service: string | null
  replyKeyboard: unknown
  reactions: Map<number, WireReaction[]>
}
