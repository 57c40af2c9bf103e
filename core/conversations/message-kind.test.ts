import { expect, test } from 'vitest'
import { messageKinds, relayableKind } from '#core/conversations/message-kind.ts'

test.each(messageKinds)('a %s can be relayed', (kind) => {
  expect(relayableKind({ message_id: 1, [kind]: kind === 'text' ? 'x' : {} })).toBe(kind)
})

test('an animation is no document and a venue no location, though they carry one', () => {
  expect(relayableKind({ document: {}, animation: {} })).toBe('animation')
  expect(relayableKind({ location: {}, venue: {} })).toBe('venue')
})

test.each([
  ['a service message', { pinned_message: {} }],
  ['a new topic', { forum_topic_created: { name: 'x' } }],
  ['paid media', { paid_media: {}, caption: 'x' }],
  ['an invoice', { invoice: {} }],
  ['a story', { story: {} }],
  ['a giveaway', { giveaway: {} }],
  ['a quiz whose answer is secret', { poll: { type: 'quiz' } }],
  ['nothing', {}],
])('%s cannot be relayed', (_what, message) => {
  expect(relayableKind(message)).toBeNull()
})

test('a quiz whose answer the bot knows can be relayed', () => {
  expect(relayableKind({ poll: { type: 'quiz', correct_option_id: 0 } })).toBe('poll')
})
