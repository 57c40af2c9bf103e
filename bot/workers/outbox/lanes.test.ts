import { expect, test } from 'vitest'
import { type Lane, LaneBook } from '#bot/workers/outbox/lanes.ts'
import type { ClaimedItem } from '#core/outbox/claim-items.ts'

const item = (id: number, { lane = 'chat:1', priority = 0 } = {}): ClaimedItem => ({
  id: String(id),
  lane,
  purpose: 'notice',
  priority,
  userId: '1',
  payload: {},
  attempts: 0,
})

function bookOf(...items: ClaimedItem[]): LaneBook {
  const book = new LaneBook()
  for (const each of items) book.add(each)
  return book
}

function startOne(book: LaneBook, traffic: 'user' | 'relay' | 'rest' = 'user'): Lane {
  const lane = book.start(traffic, 10)
  if (!lane) throw new Error('No lane may run')
  return lane
}

const idsOf = (lane: Lane) => lane.items.map(({ id }) => Number(id))

test('rows of a lane stand in their order, however they come', () => {
  expect(idsOf(startOne(bookOf(item(3), item(1), item(2))))).toEqual([1, 2, 3])
})

test('nothing is put before what is being sent', () => {
  const book = bookOf(item(5))
  const lane = startOne(book)
  book.add(item(3))
  expect(idsOf(lane)).toEqual([5, 3])
})

test('a lane runs once at a time, and as many lanes as there are slots, the longest waiting first', () => {
  const book = bookOf(item(1, { lane: 'a' }), item(2, { lane: 'b' }), item(3, { lane: 'c' }), item(4, { lane: 'a' }))
  expect([book.start('user', 2)?.key, book.start('user', 2)?.key]).toEqual(['a', 'b'])
  expect(book.start('user', 2)).toBeUndefined()
  expect(book.runningCount()).toBe(2)
})

test('people’s own chats, topics and the rest have slots of their own', () => {
  const book = bookOf(item(1, { lane: 'topic:1', priority: 1 }), item(2, { lane: 'chat:1' }))
  book.add(item(3, { lane: 'team', priority: 2 }))
  expect((['user', 'relay', 'rest'] as const).map((traffic) => book.start(traffic, 1)?.key)).toEqual([
    'chat:1',
    'topic:1',
    'team',
  ])
})

test('a row that is handed over twice is held once', () => {
  const book = bookOf(item(1), item(2), item(2))
  const lane = startOne(book)
  book.add(item(1))
  expect(idsOf(lane)).toEqual([1, 2])
  expect(book.count('user')).toBe(2)
})

test('a row that was lost and taken again is not forgotten with what was lost', () => {
  const lost = item(2)
  const book = bookOf(item(1), lost)
  const lane = startOne(book)
  book.add(item(2))
  book.forget(new Set([lost]))
  expect(idsOf(lane)).toEqual([1, 2])
})

test('what is being sent is not forgotten, what waits behind it is', () => {
  const [first, second] = [item(1), item(2)]
  const book = bookOf(first, second)
  const lane = startOne(book)
  book.forget(new Set([first, second]))
  expect(idsOf(lane)).toEqual([1])
  expect(book.count('user')).toBe(1)
})

test('a lane whose rows are all lost does not run any more', () => {
  const only = item(1)
  const book = bookOf(only)
  book.forget(new Set([only]))
  expect(book.start('user', 10)).toBeUndefined()
  expect(book.all()).toEqual([])
})

test('when a row has ended the next of its lane may run, after the other lanes', () => {
  const book = bookOf(item(1, { lane: 'a' }), item(2, { lane: 'a' }), item(3, { lane: 'b' }))
  book.finish(startOne(book))
  expect([startOne(book).key, startOne(book).key]).toEqual(['b', 'a'])
})

test('what is taken out of the book is counted out', () => {
  const book = bookOf(item(1), item(2), item(3), item(4, { lane: 'chat:2' }))
  const lane = startOne(book)
  expect(book.takeRest(lane).map(({ id }) => id)).toEqual(['2', '3'])
  expect(book.takeIdle().map(({ id }) => id)).toEqual(['4'])
  expect(book.count('user')).toBe(1)
  book.finish(lane)
  expect(book.count('user')).toBe(0)
  expect(book.start('user', 10)).toBeUndefined()
})
