import { GrammyError, HttpError } from 'grammy'
import { LimiterStoppedError } from '#bot/telegram/limiter.ts'

/** What went wrong with a call, as far as the rest of the bot cares. */
export type TelegramFailure = { reason: string } & (
  | { kind: 'retry-after'; seconds: number }
  /** The user stopped the bot, or never started it. */
  | { kind: 'blocked' }
  | { kind: 'deactivated' }
  /** The chat does not exist for the bot: left, kicked, deleted, never seen. */
  | { kind: 'chat-gone' }
  | { kind: 'topic-gone' }
  | { kind: 'topic-closed' }
  | { kind: 'not-a-forum' }
  | { kind: 'not-modified' }
  /** The message to copy, edit, pin or react to does not exist any more. */
  | { kind: 'message-gone' }
  | { kind: 'migrated'; toChatId: number }
  /** Telegram does not know the file any more, or never knew it under this bot's id. */
  | { kind: 'file-gone' }
  /** The receiver does not take this kind of message, or it cannot be copied. */
  | { kind: 'forbidden-kind'; what: 'voice' | 'protected' | 'uncopyable' | 'restricted' }
  | { kind: 'no-rights' }
  /** The Stars went back before. */
  | { kind: 'refunded-before' }
  | { kind: 'bad-request' }
  | { kind: 'unauthorized' }
  | { kind: 'server-error' }
  /** Nothing left this machine: it is safe to repeat. */
  | { kind: 'not-sent' }
  /** It may have been carried out; the answer did not arrive. */
  | { kind: 'lost' }
)

export type TelegramFailureKind = TelegramFailure['kind']

/**
 * The only place that reads Telegram's error texts. Returns null for errors that do not come from a call to Telegram.
 * Texts: the Bot API server's own source and reports of what it passes through (`message thread not found` and
 * `TOPIC_DELETED` both mean a deleted topic).
 */
export function classifyTelegramError(error: unknown): TelegramFailure | null {
  if (error instanceof LimiterStoppedError) return { kind: 'not-sent', reason: error.message }
  if (error instanceof GrammyError) return classifyAnswer(error)
  if (error instanceof HttpError) return classifyTransport(error.error)
  return null
}

function classifyAnswer({ error_code: code, description, parameters }: GrammyError): TelegramFailure {
  const reason = `${code}: ${description}`
  if (code === 429) return { kind: 'retry-after', seconds: parameters.retry_after ?? 1, reason }
  if (parameters.migrate_to_chat_id !== undefined) {
    return { kind: 'migrated', toChatId: parameters.migrate_to_chat_id, reason }
  }
  if (code === 401) return { kind: 'unauthorized', reason }
  if (code >= 500) return { kind: 'server-error', reason }
  for (const [pattern, failure] of texts) if (pattern.test(description)) return { ...failure, reason }
  return { kind: code === 403 ? 'chat-gone' : 'bad-request', reason }
}

type PlainKind = Exclude<TelegramFailureKind, 'retry-after' | 'migrated' | 'forbidden-kind'>
type Known = { kind: PlainKind } | Omit<Extract<TelegramFailure, { kind: 'forbidden-kind' }>, 'reason'>

/** First match wins. */
const texts: [RegExp, Known][] = [
  [/CHARGE_ALREADY_REFUNDED/, { kind: 'refunded-before' }],
  [/VOICE_MESSAGES_FORBIDDEN|voice messages forbidden/i, { kind: 'forbidden-kind', what: 'voice' }],
  [/protected content|CHAT_FORWARDS_RESTRICTED/i, { kind: 'forbidden-kind', what: 'protected' }],
  [/message can(?:'|no)t be copied|can't be copied/i, { kind: 'forbidden-kind', what: 'uncopyable' }],
  [
    /CHAT_SEND_\w+_FORBIDDEN|not enough rights to send (?!text messages)\w+ ?\w* to the chat|PRIVACY_PREMIUM_REQUIRED/i,
    { kind: 'forbidden-kind', what: 'restricted' },
  ],
  [/bot was blocked by the user|USER_IS_BLOCKED|bot can't initiate conversation/i, { kind: 'blocked' }],
  [/user is deactivated|INPUT_USER_DEACTIVATED/i, { kind: 'deactivated' }],
  [/message thread not found|TOPIC_DELETED|TOPIC_ID_INVALID|thread not found|topic not found/i, { kind: 'topic-gone' }],
  [/TOPIC_CLOSED|topic is closed/i, { kind: 'topic-closed' }],
  [/not a forum|CHANNEL_FORUM_MISSING|FORUM_DISABLED/i, { kind: 'not-a-forum' }],
  [/message is not modified|MESSAGE_NOT_MODIFIED|TOPIC_NOT_MODIFIED/i, { kind: 'not-modified' }],
  [
    /message to (?:edit|copy|forward|delete|pin|react|be replied) not found|no messages to forward|messages can't be forwarded|message can't be edited|MESSAGE_ID_INVALID/i,
    { kind: 'message-gone' },
  ],
  [
    /wrong (?:remote )?file.?(?:id|identifier)|FILE_REFERENCE_\w+|FILE_ID_INVALID|file is temporarily unavailable/i,
    { kind: 'file-gone' },
  ],
  [
    /not enough rights|have no rights|need administrator rights|CHAT_ADMIN_REQUIRED|CHAT_WRITE_FORBIDDEN|RIGHT_FORBIDDEN/i,
    { kind: 'no-rights' },
  ],
  [
    /chat not found|PEER_ID_INVALID|bot was kicked|bot is not a member|group chat was deleted|CHANNEL_PRIVATE|USER_ID_INVALID/i,
    { kind: 'chat-gone' },
  ],
]

/** Codes that say the connection was never made. */
const neverConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
])

function classifyTransport(error: unknown): TelegramFailure {
  const reason = error instanceof Error ? error.message : String(error)
  if (error instanceof UnreadableAnswerError && error.status >= 500) return { kind: 'server-error', reason }
  const code = codeOf(error)
  return { kind: code !== undefined && neverConnected.has(code) ? 'not-sent' : 'lost', reason: code ?? reason }
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  // Several addresses were tried: they failed for one reason as a rule.
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return codeOf(error.cause)
}

/** Something other than the Bot API answered, or it was cut short. */
export class UnreadableAnswerError extends Error {
  override name = 'UnreadableAnswerError'
  readonly status: number

  constructor(status: number) {
    super(`The answer with status ${status} is not JSON`)
    this.status = status
  }
}
