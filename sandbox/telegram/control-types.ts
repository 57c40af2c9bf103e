import type { StarVerbs } from './control-types-stars.ts'
import type { WireEntity, WireInlineKeyboard, WireMessage, WireUser } from './wire.ts'

/**
 * Everything a person or a test can do to the world around the bot, one verb each. Every verb takes one object.
 * In process: `standIn.world.sendText({ … })`. From another process: `createTelegramControl(url).sendText({ … })`.
 */
export interface ControlVerbs extends StarVerbs {
  // people
  createUser(p?: NewUser): WireUser
  updateUser(p: { userId: number } & Omit<NewUser, 'id'>): WireUser
  listUsers(p?: Empty): UserView[]
  /** The bot receives my_chat_member (member → kicked) and every send to the user fails with 403. */
  blockBot(p: { userId: number }): void
  unblockBot(p: { userId: number }): void
  /** The account is gone: sends fail with 403 `user is deactivated`; the bot is told nothing. */
  deactivateUser(p: { userId: number }): void

  // groups
  createForum(p?: NewForum): ChatView
  createGroup(p?: NewGroup): ChatView
  /** `anonymous` for an admin who may act in the name of the group. */
  addMember(p: { chatId: number; userId: number; status?: MemberStatus; anonymous?: boolean }): void
  removeMember(p: { chatId: number; userId: number }): void
  /** Changes what the bot may do in a group; the bot receives my_chat_member. `left` and `kicked` throw it out. */
  setBotMembership(p: { chatId: number; status?: BotStatus; rights?: Partial<BotRights>; byUserId?: number }): void
  /** A basic group becomes a supergroup with a new id: both service messages are sent. Returns the new id. */
  migrateGroup(p: { chatId: number }): { chatId: number }
  setChatTitle(p: { chatId: number; title: string; userId?: number }): WireMessage

  // writing
  sendText(p: Sender & { text: string; entities?: WireEntity[] }): WireMessage
  sendMedia(p: Sender & MediaItem): WireMessage
  /** An album: one message per item, all with one media_group_id; `gapMs` between their updates (default 0). */
  sendAlbum(p: Sender & { items: AlbumItem[]; gapMs?: number }): Promise<WireMessage[]>
  forwardMessage(p: Sender & { fromChatId: number; messageId: number }): WireMessage
  /** A person edits a message of theirs; the bot receives edited_message. */
  editMessage(
    p: MessageRef & { text?: string; caption?: string; entities?: WireEntity[]; media?: MediaItem },
  ): WireMessage
  /** A person deletes messages; Telegram tells the bot nothing. */
  deleteMessages(p: { chatId: number; messageIds: number[] }): void
  /** Replaces the person's reactions on a message; [] or null takes them away. */
  react(p: MessageRef & { userId: number; emoji: string | string[] | null }): void
  /**
   * Taps a button: by its `data`, or by its `label`. `data` that is on no button is sent all the same (a forged or old
   * button). For a deleted message the bot sees an InaccessibleMessage. A url or web_app button reports `opens`.
   */
  pressButton(p: MessageRef & { userId: number; data?: string; label?: string }): PressedButton
  votePoll(p: MessageRef & { userId: number; optionIndexes: number[] }): void

  // topics, by a human admin or behind everybody's back
  createTopic(p: { chatId: number; userId: number; name: string; iconColor?: number }): TopicView
  renameTopic(p: TopicRef & { userId: number; name: string }): void
  closeTopic(p: TopicRef & { userId?: number }): void
  reopenTopic(p: TopicRef & { userId?: number }): void
  /** Deletes the topic with its messages; the bot is told nothing and later calls fail with the spelling in `error`. */
  deleteTopic(p: TopicRef & { error?: DeletedTopicError }): void
  pinMessage(p: MessageRef & { userId?: number }): void
  unpinMessage(p: MessageRef): void

  // looking
  listChats(p?: { viewerId?: number }): ChatView[]
  getChat(p: { chatId: number }): ChatView
  listTopics(p: { chatId: number; withDeleted?: boolean }): TopicView[]
  /** Oldest first. Without `viewerId` the eyes are a group member's, or the user's own in a private chat. */
  listMessages(p: ListMessages): MessageView[]
  getMessage(p: { chatId: number; messageId: number; viewerId?: number }): MessageView | null
  /** The commands the person is offered in that chat: scope and language resolved as the apps do. */
  listCommands(p: { userId: number; chatId?: number }): { command: string; description: string }[]
  getCallbackAnswer(p: { callbackQueryId: string }): CallbackAnswer | null

  // updates
  updateQueue(p?: Empty): UpdateQueueView
  /** Queues anything as an update, however malformed; an update_id is added unless `keep` is set. */
  pushRawUpdate(p: { update: unknown; keep?: boolean }): { updateId: number | null }
  /** Delivers an update again: with its own id although it was confirmed (default), or with a new id. The last one if none is named. */
  duplicateUpdate(p?: { updateId?: number; newId?: boolean }): { updateId: number }
  /** Updates collect but are not delivered until released; `reverse` or `shuffle` then changes their order once. */
  holdUpdates(p?: Empty): void
  releaseUpdates(p?: { order?: 'kept' | 'reverse' | 'shuffle' }): void
  dropUpdates(p?: Empty): void
  /** Moves the world's clock forward: queries go stale, updates expire, messages get old. */
  advanceClock(p: { ms: number }): { now: number }

  // trouble
  addFault(p: FaultSpec): FaultView
  listFaults(p?: Empty): FaultView[]
  removeFault(p: { id: string }): void
  clearFaults(p?: Empty): void
  setLimits(p: LimitsOption): void

  // watching
  /** The last wire calls (a few thousand are kept), oldest first. */
  calls(p?: CallFilter): CallRecord[]
  violations(p?: Empty): Violation[]
  counters(p?: Empty): Counters
  resetCounters(p?: Empty): void

  // speed
  /**
   * Makes text messages of many users for the pollers to take. Replaces an earlier flood. While it runs, calls and
   * messages are counted but neither recorded nor announced as events; refusals still are.
   */
  flood(p: FloodSpec): FloodReport
  floodProgress(p?: Empty): FloodProgress
  floodReport(p?: Empty): FloodReport
  stopFlood(p?: Empty): FloodReport

  /** A new, empty world; the update counter goes on. Held pollers stay. */
  reset(p?: Empty): void
}

export type Verb = keyof ControlVerbs

type Empty = Record<string, never>

export interface NewUser {
  id?: number
  firstName?: string
  lastName?: string
  username?: string
  languageCode?: string
  isPremium?: boolean
  /** True (default) if the person has opened the chat with the bot before; otherwise the bot may not write first. */
  started?: boolean
}

export interface UserView {
  user: WireUser
  started: boolean
  blockedBot: boolean
  deactivated: boolean
}

export type MemberStatus = 'creator' | 'administrator' | 'member' | 'left' | 'kicked'
export type BotStatus = 'administrator' | 'member' | 'left' | 'kicked'

export interface BotRights {
  can_manage_topics: boolean
  can_delete_messages: boolean
  can_pin_messages: boolean
  can_restrict_members: boolean
  can_promote_members: boolean
  can_change_info: boolean
  can_invite_users: boolean
}

export interface NewGroup {
  id?: number
  title?: string
  kind?: 'group' | 'supergroup' | 'channel'
  ownerId?: number
  adminIds?: number[]
  memberIds?: number[]
  botStatus?: BotStatus
  /** All rights unless named otherwise. */
  botRights?: Partial<BotRights>
}

type NewForum = Omit<NewGroup, 'kind'>

export interface ChatView {
  id: number
  kind: 'private' | 'group' | 'supergroup' | 'channel'
  title: string
  isForum: boolean
  generalClosed: boolean
  members: { userId: number; status: MemberStatus }[]
  botStatus: BotStatus
  lastMessageId: number | null
  lastMessageAt: number | null
  migratedToChatId?: number
}

/** Who writes, and where. Without `chatId` it is the private chat with the bot; without `threadId` General. */
export interface Sender {
  userId: number
  chatId?: number
  threadId?: number
  /** As an anonymous admin: from is GroupAnonymousBot, sender_chat the group. */
  anonymous?: boolean
  replyTo?: number
  quote?: string
}

export interface MessageRef {
  chatId: number
  messageId: number
}

export interface TopicRef {
  chatId: number
  threadId: number
}

export type FileKind = 'photo' | 'video' | 'animation' | 'voice' | 'video_note' | 'audio' | 'document' | 'sticker'

export interface FileItem {
  kind: FileKind
  caption?: string
  captionEntities?: WireEntity[]
  fileName?: string
  mimeType?: string
  /** The bytes, base64; a small drawing or silence is made up without. */
  dataBase64?: string
  sizeBytes?: number
  durationSeconds?: number
  width?: number
  height?: number
  /** Of a sticker. */
  emoji?: string
  /** Blurred until tapped. */
  spoiler?: boolean
}

export type MediaItem =
  | FileItem
  | { kind: 'location'; latitude?: number; longitude?: number }
  | { kind: 'venue'; latitude?: number; longitude?: number; title?: string; address?: string }
  | { kind: 'contact'; phoneNumber?: string; firstName?: string; lastName?: string }
  | { kind: 'poll'; question?: string; options?: string[]; multiple?: boolean }
  | { kind: 'dice'; emoji?: string; value?: number }

export type AlbumItem = FileItem & { kind: 'photo' | 'video' | 'audio' | 'document' }

export interface PressedButton {
  /** Null for a button that asks the bot nothing (url, web_app, copy_text …). */
  callbackQueryId: string | null
  opens?: string
}

export interface CallbackAnswer {
  text?: string
  showAlert: boolean
  url?: string
  cacheTimeSeconds: number
}

export type DeletedTopicError = 'message thread not found' | 'TOPIC_DELETED'

export interface TopicView {
  chatId: number
  threadId: number
  name: string
  iconColor: number
  iconCustomEmojiId?: string
  closed: boolean
  deleted: boolean
  pinnedMessageIds: number[]
  messageCount: number
  lastMessage: MessageView | null
}

export interface ListMessages {
  chatId: number
  /** A topic; `'general'` for what is in no topic; everything if left out. */
  threadId?: number | 'general'
  viewerId?: number
  beforeMessageId?: number
  afterMessageId?: number
  /** The newest so many, 100 if left out. */
  limit?: number
}

export interface MediaView {
  kind: FileKind
  fileId: string
  fileUniqueId: string
  /** Where the bytes are, relative to the stand-in's url. */
  path: string
  mimeType: string
  sizeBytes: number
  fileName?: string
  durationSeconds?: number
  width?: number
  height?: number
  emoji?: string
  spoiler: boolean
}

export interface MessageView {
  chatId: number
  messageId: number
  /** Seconds since 1970, as on the wire. */
  date: number
  editDate?: number
  threadId?: number
  author: { id: number; name: string; isBot: boolean; anonymous: boolean }
  /** Written by the viewer. */
  outgoing: boolean
  /** A line in the middle of the chat (topic created, pinned …) rather than a bubble. */
  service: string | null
  text?: string
  entities?: WireEntity[]
  media?: MediaView
  /** The content of kinds without a file: location, venue, contact, poll, dice, invoice. */
  extra?: { kind: string; value: unknown }
  albumId?: string
  replyTo?: { messageId: number; author: string; preview: string }
  forwardedFrom?: string
  buttons?: WireInlineKeyboard['inline_keyboard']
  /** Of an invoice: the viewer has paid it. */
  paid?: boolean
  replyKeyboard?: unknown
  reactions: { emoji: string; count: number; mine: boolean; byBot: boolean }[]
  pinned: boolean
  protectedContent: boolean
  viaBot: boolean
  /** Exactly what the bot sees. */
  wire: WireMessage
}

export interface UpdateQueueView {
  pending: number
  nextUpdateId: number
  allowedUpdates: string[] | null
  pollerWaiting: boolean
  held: boolean
  webhookUrl: string
  /** When a poller last asked, milliseconds; null if never. */
  lastPolledAt: number | null
}

type FaultKind =
  /** 429 with retry_after (`retryAfterSeconds`, default 1). */
  | '429'
  | '403'
  | '400'
  | '401'
  | '409'
  | '500'
  /** A 502 page that is not JSON, as a proxy in front of Telegram gives. */
  | '502'
  /** Carried out after `delayMs`. */
  | 'slow'
  /** Carried out at once, answered after `delayMs`. */
  | 'slow-answer'
  /** Carried out, then the connection is closed without an answer. */
  | 'drop-after-accept'
  /** The connection is closed, nothing is carried out. */
  | 'drop-before'
  /** 200 with a body that is not JSON; nothing is carried out. */
  | 'garbage'

export interface FaultSpec {
  kind: FaultKind
  /** Every method if left out, getUpdates only if named. */
  method?: string | string[]
  chatId?: number
  threadId?: number
  /** How often it strikes; once if left out, 0 for always. With `forMs` left out times and given `forMs`: always. */
  times?: number
  /** Lets this many matching calls pass first. */
  skip?: number
  /** Ends by itself after so long. */
  forMs?: number
  /** Strikes with this probability (default 1). */
  probability?: number
  description?: string
  retryAfterSeconds?: number
  delayMs?: number
}

export interface FaultView extends FaultSpec {
  id: string
  struck: number
}

export interface Limits {
  /** Sends per second to one chat, and how many may come at once. */
  chatPerSecond: number
  chatBurst: number
  /** Sends, edits and topic changes per minute in one group. */
  groupPerMinute: number
  groupBurst: number
  /** All chats together. */
  bulkPerSecond: number
  bulkBurst: number
}

/** `telegram`: about what is known of the real limits. Rates of 0 mean no limit. */
export type LimitsOption = 'telegram' | 'off' | Partial<Limits>

export interface CallFilter {
  method?: string
  chatId?: number
  /** Only calls after this sequence number. */
  since?: number
  limit?: number
}

export interface CallRecord {
  seq: number
  /** Milliseconds since 1970. */
  at: number
  durationMs: number
  method: string
  params: Record<string, unknown>
  result?: unknown
  error?: { code: number; description: string; retryAfterSeconds?: number }
  fault?: FaultKind
}

export interface Violation {
  at: number
  method: string
  params: Record<string, unknown>
  message: string
}

export interface Counters {
  calls: number
  errors: number
  byMethod: Record<string, number>
  /** Messages that came into being by the bot, per chat; at most 10,000 chats are told apart. */
  sendsByChat: Record<string, number>
  sends: number
  /** Copies and forwards of one source message into one chat, more than once: `from:message>to` → times. */
  duplicateCopies: Record<string, number>
}

export interface FloodSpec {
  messages: number
  /** How many users take turns; they are made if need be (ids from `firstUserId`, default 700000001). */
  users: number
  firstUserId?: number
  /** Updates per second by the clock; without it as fast as the pollers take them. */
  ratePerSecond?: number
  /** The text before the marker that tells messages apart. */
  text?: string
  /**
   * Sends count as the arrival of a message if they carry its marker in text or caption, or copy or forward it,
   * and go to this chat; any chat but the author's own if left out.
   */
  arrivalChatId?: number
}

/** How far a flood has come: what a watcher may ask for often. */
export interface FloodProgress {
  messages: number
  created: number
  delivered: number
  confirmed: number
  /** How many of them arrived at least once. */
  arrived: number
  /** Arrivals after the first. */
  duplicates: number
  running: boolean
  elapsedMs: number
}

export interface FloodReport extends FloodProgress {
  /** Update made → matching send accepted. Null before the first arrival. */
  latencyMs: { p50: number; p90: number; p99: number; max: number; mean: number } | null
  /** Up to 100 sequence numbers that were created and have not arrived. */
  missing: number[]
}

/** What the event stream carries; `seq` is gapless within a stand-in's life. */
export type WorldEvent = { seq: number; at: number } & WorldEventBody

export type WorldEventBody =
  | { type: 'call'; call: CallRecord }
  | { type: 'update'; updateId: number; kind: string }
  | { type: 'confirmed'; nextUpdateId: number }
  /** A long poll is held, or its caller hung up. */
  | { type: 'polling'; waiting: boolean }
  | { type: 'message'; chatId: number; messageId: number; threadId?: number; fromBot: boolean }
  | { type: 'edited'; chatId: number; messageId: number; threadId?: number; fromBot: boolean }
  | { type: 'deleted'; chatId: number; messageIds: number[] }
  | { type: 'reaction'; chatId: number; messageId: number }
  | { type: 'pin'; chatId: number; messageId: number; pinned: boolean }
  | {
      type: 'topic'
      chatId: number
      threadId: number
      change: 'created' | 'edited' | 'closed' | 'reopened' | 'deleted'
    }
  | { type: 'chat'; chatId: number }
  | { type: 'user'; userId: number }
  | { type: 'action'; chatId: number; threadId?: number; action: string }
  | { type: 'callback'; callbackQueryId: string; chatId: number; messageId: number; data: string }
  | { type: 'callback-answer'; callbackQueryId: string; answer: CallbackAnswer }
  | { type: 'commands' }
  | { type: 'fault'; fault: FaultView; method: string }
  | { type: 'violation'; violation: Violation }
  | { type: 'flood'; report: FloodReport }
  | { type: 'reset' }

/** How a message is recognised in a wait; every named field must fit. */
export interface MessageMatch {
  chatId: number
  threadId?: number | 'general'
  viewerId?: number
  fromBot?: boolean
  /** Contained in text or caption, or matching it. */
  text?: string | RegExp
  afterMessageId?: number
  where?: (message: MessageView) => boolean
}

export interface WaitOptions {
  /** Default 10 s. */
  timeoutMs?: number
  /** Named in the error when the time runs out. */
  what?: string
}

/** Waiting without sleeping: the check runs at once and again after each change of the world. */
export interface ControlWaits {
  waitFor<T>(check: () => T | Promise<T>, options?: WaitOptions): Promise<Exclude<T, null | undefined | false>>
  waitForMessage(match: MessageMatch, options?: WaitOptions): Promise<MessageView>
  waitForTopic(match: { chatId: number; name?: string | RegExp }, options?: WaitOptions): Promise<TopicView>
  /** The first event that fits, from `since` on (default: from now on). */
  waitForEvent(fits: (event: WorldEvent) => boolean, options?: WaitOptions & { since?: number }): Promise<WorldEvent>
  waitForCall(match: { method: string; chatId?: number; since?: number }, options?: WaitOptions): Promise<CallRecord>
  waitForCallbackAnswer(callbackQueryId: string, options?: WaitOptions): Promise<CallbackAnswer>
  /** Every pushed update was fetched and confirmed. */
  waitUntilConfirmed(options?: WaitOptions): Promise<void>
  /** A bot is there and waits for updates. */
  waitUntilPolling(options?: WaitOptions): Promise<void>
  onEvent(listener: (event: WorldEvent) => void): () => void
}

/** The client of another process: the same verbs, each as a promise, and the waits. */
export type TelegramControl = {
  [K in Verb]: (...args: Parameters<ControlVerbs[K]>) => Promise<Awaited<ReturnType<ControlVerbs[K]>>>
} & ControlWaits & { url: string; close(): Promise<void> }
