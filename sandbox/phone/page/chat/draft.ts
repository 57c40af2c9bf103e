import type { MessageView } from '#sandbox/telegram/control-types.ts'

/** What the composer is about to do with its text. */
export type Draft = { kind: 'new' } | { kind: 'reply'; to: MessageView } | { kind: 'edit'; message: MessageView }

/** Nothing was begun yet: the focus stays where it is. */
export const untouchedDraft: Draft = { kind: 'new' }
/** Something was sent or given up: the focus goes back to the field. */
export const newDraft: Draft = { kind: 'new' }

interface ForcedReply {
  force_reply?: unknown
  input_field_placeholder?: unknown
}

/**
 * The newest message if it asks for a reply to itself: Telegram's apps then begin one by themselves, which can be given
 * up. https://core.telegram.org/bots/api#forcereply
 */
export function findAskedReply(messages: readonly MessageView[]): MessageView | undefined {
  const newest = messages.at(-1)
  const isAsked = newest && !newest.outgoing && (newest.replyKeyboard as ForcedReply | undefined)?.force_reply === true
  return isAsked ? newest : undefined
}

/** What stands in the empty field meanwhile. */
export function placeholderOf(draft: Draft): string {
  const asked = draft.kind === 'reply' ? (draft.to.replyKeyboard as ForcedReply | undefined) : undefined
  return typeof asked?.input_field_placeholder === 'string' ? asked.input_field_placeholder : 'Message'
}

/** A composer that edits is another one than the one that writes, with its own text. */
export function draftKey(draft: Draft): string {
  return draft.kind === 'edit' ? `edit-${draft.message.messageId}` : 'write'
}
