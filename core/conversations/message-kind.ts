/** What can be passed on between a private chat and a topic. */
export const messageKinds = [
  'text',
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
] as const

export type MessageKind = (typeof messageKinds)[number]

/** More telling first: an animation also carries a document, a venue also a location. */
const byField: readonly MessageKind[] = ['animation', 'venue', ...messageKinds]

/**
 * The kind of a Telegram message, or null when it is nothing a person said (service messages) or nothing Telegram lets
 * a bot copy: paid media, stories, games, checklists, giveaways, invoices, and quizzes whose answer the bot
 * does not know (https://core.telegram.org/bots/api#copymessage).
 */
export function relayableKind(message: object): MessageKind | null {
  const fields = message as Record<string, unknown>
  // Paid media and invoices may come with a preview photo; it is not the message.
  if ('paid_media' in fields || 'invoice' in fields || 'game' in fields) return null
  const kind = byField.find((field) => fields[field] !== undefined && fields[field] !== null)
  if (!kind) return null
  return kind === 'poll' && !isCopyablePoll(fields.poll) ? null : kind
}

function isCopyablePoll(poll: unknown): boolean {
  if (typeof poll !== 'object' || poll === null) return false
  if (!('type' in poll) || poll.type !== 'quiz') return true
  return ('correct_option_id' in poll && poll.correct_option_id != null) || 'correct_option_ids' in poll
}
