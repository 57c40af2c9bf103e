import { expect, test } from 'vitest'
import { remembered } from '#core/analytics/remembered.ts'

const MINUTE = 60_000
const noon = new Date('2026-11-21T12:00:00Z')
const later = (ms: number) => new Date(noon.getTime() + ms)

/** Something that is asked, and answers when it is told to. */
function source() {
  const asked: { resolve(answer: string): void; reject(error: Error): void }[] = []
  const read = () => new Promise<string>((resolve, reject) => asked.push({ resolve, reject }))
  return { asked, read }
}

test('one answer serves all who ask within its age, and the next asker waits for a new one', async () => {
  const { asked, read } = source()
  const ask = remembered(MINUTE, read)
  const answers = [ask(noon), ask(later(1)), ask(later(MINUTE - 1))]
  asked[0]?.resolve('first')
  expect(await Promise.all(answers)).toEqual(['first', 'first', 'first'])
  const next = ask(later(MINUTE))
  asked[1]?.resolve('second')
  expect(await next).toBe('second')
  expect(asked).toHaveLength(2)
})

test('an old answer is given on while the new one is being read, where that is wanted', async () => {
  const { asked, read } = source()
  const ask = remembered(MINUTE, read, { oldMeanwhile: true })
  const first = ask(noon)
  asked[0]?.resolve('first')
  expect(await first).toBe('first')
  expect(await ask(later(MINUTE))).toBe('first')
  expect(await ask(later(MINUTE + 1))).toBe('first')
  expect(asked).toHaveLength(2)
  asked[1]?.resolve('second')
  await expect.poll(() => ask(later(MINUTE + 2))).toBe('second')
})

test('no answer is kept over midnight, not even meanwhile', async () => {
  const { asked, read } = source()
  const ask = remembered(24 * 60 * MINUTE, read, { oldMeanwhile: true })
  const first = ask(noon)
  asked[0]?.resolve('first')
  await first
  const next = ask(new Date('2026-11-22T00:00:00Z'))
  asked[1]?.resolve('second')
  expect(await next).toBe('second')
})

test('what could not be read is asked again by the next', async () => {
  const { asked, read } = source()
  const ask = remembered(MINUTE, read)
  const first = ask(noon)
  asked[0]?.reject(new Error('away'))
  await expect(first).rejects.toThrow('away')
  const next = ask(later(1))
  asked[1]?.resolve('second')
  expect(await next).toBe('second')
})

test('when the new one cannot be read the old one stays, and the next asks again', async () => {
  const { asked, read } = source()
  const ask = remembered(MINUTE, read, { oldMeanwhile: true })
  const first = ask(noon)
  asked[0]?.resolve('first')
  await first
  expect(await ask(later(MINUTE))).toBe('first')
  asked[1]?.reject(new Error('away'))
  await expect.poll(() => ask(later(MINUTE + 1)).then(() => asked.length)).toBe(3)
  expect(await ask(later(MINUTE + 2))).toBe('first')
})
