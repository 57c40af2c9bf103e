import { expect, test } from 'vitest'
import { shortText, storableText, storableValue } from '#core/storable-text.ts'

test('only what cannot be stored is taken out of a text', () => {
  expect(storableText('a\0b')).toBe('ab')
  expect(storableText('a\ud83db')).toBe('a\ufffdb')
  expect(storableText('👍 שלום <b>')).toBe('👍 שלום <b>')
})

test('a text is cut before a character, never inside it', () => {
  expect(shortText('abc👍', 4)).toBe('abc')
  expect(shortText('abc👍', 5)).toBe('abc👍')
  expect(shortText('abcd', 3)).toBe('abc')
})

test('a value in good order stays the same object, and a bad one is copied', () => {
  const good = { text: 'a', list: [{ text: 'b' }], nothing: null }
  expect(storableValue(good)).toBe(good)
  const bad = { text: 'a', list: [{ text: '\0b' }, 'c'] }
  expect(storableValue(bad)).toEqual({ text: 'a', list: [{ text: 'b' }, 'c'] })
  expect(bad.list[0]).toEqual({ text: '\0b' })
})
