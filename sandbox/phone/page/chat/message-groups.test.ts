import { expect, test } from 'vitest'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { groupMessages } from './message-groups.ts'

const noon = Math.floor(new Date(2026, 5, 1, 12).getTime() / 1000)

function message(messageId: number, rest: Partial<MessageView> = {}): MessageView {
  return {
    messageId,
    date: noon,
    author: { id: 1, name: 'Ann', isBot: false, anonymous: false },
    service: null,
    ...rest,
  } as MessageView
}

const shape = (messages: MessageView[]) =>
  groupMessages(messages).map((row) =>
    row.kind === 'bubble' ? row.messages.map(({ messageId }) => messageId) : row.kind,
  )

test('the parts of an album stand in one bubble', () => {
  expect(shape([message(1), message(2, { albumId: 'a' }), message(3, { albumId: 'a' }), message(4)])).toEqual([
    'day',
    [1],
    [2, 3],
    [4],
  ])
})

test('each day begins with its name', () => {
  expect(shape([message(1), message(2, { date: noon + 86_400 })])).toEqual(['day', [1], 'day', [2]])
})

test('service messages interrupt an author', () => {
  expect(shape([message(1), message(2, { service: 'pinned_message' }), message(3)])).toEqual([
    'day',
    [1],
    'service',
    [3],
  ])
})

test('only the last of several messages in a row closes the group', () => {
  const rows = groupMessages([message(1), message(2), message(3, { date: noon + 3_600 })])
  const bubbles = rows.flatMap((row) => (row.kind === 'bubble' ? [[row.isFirst, row.isLast]] : []))
  expect(bubbles).toEqual([
    [true, false],
    [false, true],
    [true, true],
  ])
})
