import { expect, test } from 'vitest'
import { PutBacks } from '#bot/workers/outbox/put-backs.ts'

test('what was leased before a put-back of its lane was recorded is stale, what was leased afterwards is not', () => {
  const putBacks = new PutBacks()
  const before = performance.now()
  expect(putBacks.isStale('chat:1', before)).toBe(false)
  const end = putBacks.begin('chat:1')
  expect(putBacks.isStale('chat:1', Number.POSITIVE_INFINITY), 'while it is being recorded').toBe(true)
  end()
  expect(putBacks.isStale('chat:1', before)).toBe(true)
  expect(putBacks.isStale('chat:1', performance.now())).toBe(false)
  expect(putBacks.isStale('chat:2', before), 'another lane').toBe(false)
})

test('of several put-backs of one lane the last decides', () => {
  const putBacks = new PutBacks()
  const [first, second] = [putBacks.begin('chat:1'), putBacks.begin('chat:1')]
  first()
  expect(putBacks.isStale('chat:1', performance.now())).toBe(true)
  second()
  expect(putBacks.isStale('chat:1', performance.now())).toBe(false)
})
