import { expect, test } from 'vitest'
import { laneOf, readUpdate } from '#bot/ingest/read-update.ts'

const forum = { id: -1001234567890, type: 'supergroup', is_forum: true }

test.each([
  ['a private chat', { message: { chat: { id: 5 }, from: { id: 5 } } }, '5'],
  ['an edit in it', { edited_message: { chat: { id: 5 } } }, '5'],
  ['a button in it', { callback_query: { from: { id: 5 }, message: { chat: { id: 5 }, date: 0 } } }, '5'],
  ['a topic', { message: { chat: forum, message_thread_id: 9, is_topic_message: true } }, '-1001234567890:9'],
  [
    'a button in a topic',
    { callback_query: { from: { id: 5 }, message: { chat: forum, message_thread_id: 9, is_topic_message: true } } },
    '-1001234567890:9',
  ],
  [
    'a reply in General, which has a thread id too',
    { message: { chat: forum, message_thread_id: 4 } },
    '-1001234567890',
  ],
  ['a button of an inline message', { callback_query: { from: { id: 5 }, inline_message_id: 'x' } }, '5'],
  ['a blocked bot', { my_chat_member: { chat: { id: 5 }, from: { id: 5 } } }, '5'],
  ['a reaction', { message_reaction: { chat: { id: 5 }, user: { id: 6 } } }, '5'],
  ['a poll answer', { poll_answer: { user: { id: 5 } } }, '5'],
  ['a subscription', { subscription: { user: { id: 5 }, invoice_payload: 'x', state: 'failed' } }, '5'],
  ['something unknown', { novelty: { a: 1 } }, 'other'],
  ['nonsense', { message: 'hello', chat: 3 }, 'other'],
])('the lane of %s', (_, update, lane) => {
  expect(laneOf({ update_id: 1, ...update })).toBe(lane)
})

test.each([
  [null],
  ['text'],
  [42],
  [[]],
  [{}],
  [{ update_id: '7' }],
  [{ update_id: 1.5 }],
  [{ update_id: -4 }],
  [{ update_id: 2 ** 60 }],
])('%j has no usable id and gets one from its content, always the same', (raw) => {
  const [one, again] = [readUpdate(raw), readUpdate(structuredClone(raw))]
  expect(one.status).toBe('malformed')
  expect(one.updateId).toBeLessThan(0)
  expect(again).toEqual(one)
})

test('nesting that cannot be written down keeps its id', () => {
  const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
  expect(readUpdate({ update_id: 8, message: deep })).toMatchObject({ status: 'malformed', updateId: 8 })
})
