import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { displayName, topicName, userIdOfTopic } from '#core/topics/topic-name.ts'

test('a topic is named after the person and the id', () => {
  expect(topicName({ id: 42n, firstName: 'Anna', lastName: 'Lee' })).toBe('👤 Anna Lee (42)')
})

test('whatever people call themselves, the name fits, is well formed, on one line and leads back to the id', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.option(fc.string({ unit: 'binary', maxLength: 200 })),
      fc.bigInt({ min: 1n, max: 2n ** 52n }),
      (firstName, lastName, id) => {
        const name = topicName({ id, firstName, lastName })
        expect(name.isWellFormed()).toBe(true)
        expect(name.length).toBeLessThanOrEqual(128)
        expect(name).not.toMatch(/[\n\r\u202a-\u202e\u2066-\u2069]/)
        expect(userIdOfTopic(name)).toBe(id)
      },
    ),
  )
})

test('somebody without a readable name is called by the id', () => {
  expect(displayName({ id: 42n, firstName: '\u200f\n', lastName: null })).toBe('42')
})

test('an emoji of several parts is never cut through', () => {
  const name = displayName({ id: 1n, firstName: '👩‍👩‍👧‍👦'.repeat(10), lastName: null })
  expect(name).toBe(`${'👩‍👩‍👧‍👦'.repeat(5)}…`)
})

describe('a topic that somebody else named', () => {
  test.each(['General', 'Anna (42)', '👤 Anna', '👤 Anna (x)'])('%j belongs to nobody', (name) => {
    expect(userIdOfTopic(name)).toBeNull()
  })
})
