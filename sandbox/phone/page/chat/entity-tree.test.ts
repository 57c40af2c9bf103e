import { expect, test } from 'vitest'
import { entityTree, safeHref } from './entity-tree.ts'

test('text without entities stays one piece', () => {
  expect(entityTree('hello', [])).toEqual(['hello'])
})

test('entities nest by their range, whatever order they come in', () => {
  const italic = { type: 'italic', offset: 2, length: 2 }
  const bold = { type: 'bold', offset: 0, length: 6 }
  expect(entityTree('abcdef!', [italic, bold])).toEqual([
    { entity: bold, children: ['ab', { entity: italic, children: ['cd'] }, 'ef'] },
    '!',
  ])
})

test('two entities over the same words both apply', () => {
  const bold = { type: 'bold', offset: 0, length: 2 }
  const underline = { type: 'underline', offset: 0, length: 2 }
  expect(entityTree('ab', [bold, underline])).toEqual([
    { entity: bold, children: [{ entity: underline, children: ['ab'] }] },
  ])
})

test('offsets count UTF-16 units, so emoji before a word do not shift it', () => {
  const bold = { type: 'bold', offset: 3, length: 2 }
  expect(entityTree('😀 ok', [bold])).toEqual(['😀 ', { entity: bold, children: ['ok'] }])
})

test('an entity that reaches past the text is cut, one outside of it is ignored', () => {
  const long = { type: 'bold', offset: 1, length: 99 }
  const outside = { type: 'bold', offset: 7, length: 1 }
  expect(entityTree('abc', [long, outside])).toEqual(['a', { entity: long, children: ['bc'] }])
})

test('no text is lost when entities overlap without nesting', () => {
  const first = { type: 'bold', offset: 0, length: 4 }
  const second = { type: 'italic', offset: 2, length: 4 }
  const flat = (nodes: ReturnType<typeof entityTree>): string =>
    nodes.map((node) => (typeof node === 'string' ? node : flat(node.children))).join('')
  expect(flat(entityTree('abcdef', [first, second]))).toBe('abcdef')
})

test('scripts never become links', () => {
  expect(safeHref('javascript:alert(1)')).toBeNull()
  expect(safeHref('data:text/html,x')).toBeNull()
  expect(safeHref('example.org/a')).toBe('https://example.org/a')
  expect(safeHref('http://127.0.0.1:3000/checkout/x')).toBe('http://127.0.0.1:3000/checkout/x')
})
