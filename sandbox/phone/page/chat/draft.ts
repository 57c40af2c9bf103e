import type { MessageView } from '#sandbox/telegram/control-types.ts'

/** What the composer is about to do with its text. */
export type Draft = { kind: 'new' } | { kind: 'reply'; to: MessageView } | { kind: 'edit'; message: MessageView }

/** Nothing was begun yet: the focus stays where it is. */
export const untouchedDraft: Draft = { kind: 'new' }
/** Something was sent or given up: the focus goes back to the field. */
export const newDraft: Draft = { kind: 'new' }

/** A composer that edits is another one than the one that writes, with its own text. */
export function draftKey(draft: Draft): string {
  return draft.kind === 'edit' ? `edit-${draft.message.messageId}` : 'write'
}
