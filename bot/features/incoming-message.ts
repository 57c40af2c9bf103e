import type { Message, Update } from 'grammy/types'
import type { IncomingMessage, MessagePart } from '#core/conversations/accept-messages.ts'
import { relayableKind } from '#core/conversations/message-kind.ts'
import { shortText } from '#core/storable-text.ts'

const PREVIEW_LENGTH = 120

/** Everything the accept statement needs; null when no part can be relayed. */
export function incomingMessage(updates: readonly Update[]): IncomingMessage | null {
  const parts = updates.flatMap(({ message }) => (message && messagePart(message)) ?? [])
  const first = parts[0]
  const msg = updates[0]?.message
  const from = msg?.from
  if (!first || !from) return null
  return {
    userId: from.id,
    firstName: from.first_name,
    lastName: from.last_name ?? null,
    username: from.username ?? null,
    languageCode: from.language_code ?? null,
    albumId: msg.media_group_id ?? null,
    preview: previewOf(first),
    parts,
    updateIds: updates.map((update) => update.update_id),
  }
}

/** What is stored of a message; null when it cannot be relayed. */
export function messagePart(message: Message): MessagePart | null {
  const kind = relayableKind(message)
  if (!kind) return null
  return { messageId: message.message_id, kind, text: message.text ?? message.caption ?? null, content: message }
}

/** A line for lists. */
export function previewOf({ text, kind }: MessagePart): string {
  return shortText(text ?? kind, PREVIEW_LENGTH)
}
