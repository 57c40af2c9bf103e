import { pino } from 'pino'
import { expect, test } from 'vitest'
import { stopInOrder } from '#bot/stop.ts'

test('the parts stop one after the other, and one that cannot does not keep the others from it', async () => {
  const done: string[] = []
  const stop = (name: string) => async () => {
    done.push(`${name} begins`)
    await new Promise(setImmediate)
    if (name === 'two') throw new Error('It hangs')
    done.push(`${name} ends`)
  }
  await stopInOrder(pino({ level: 'silent' }), [
    ['one', stop('one')],
    ['two', stop('two')],
    ['three', stop('three')],
  ])
  expect(done).toEqual(['one begins', 'one ends', 'two begins', 'three begins', 'three ends'])
})
