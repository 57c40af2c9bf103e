import { expect, test } from 'vitest'
import { Claims } from '#bot/ingest/claims.ts'

const row = (updateId: number) => ({ updateId, lane: '1', payload: {}, attempts: 0, waitMs: 0 })

test('an update is held by one at a time', () => {
  const claims = new Claims()
  expect([claims.take(1), claims.take(1)]).toEqual([true, false])
  claims.release(1)
  expect(claims.take(1)).toBe(true)
})

test('a look into the inbox takes what nobody holds, and nothing that was let go while it looked', async () => {
  const claims = new Claims()
  claims.take(1)
  claims.take(2)
  const page = await claims.takeFound(async () => {
    // Finished after the database answered: the row is open in the answer and done by now.
    claims.release(2)
    return [row(1), row(2), row(3)]
  })
  expect(page).toEqual({ taken: [row(3)], found: 3, lastId: 3 })
  expect([1, 2, 3].map((updateId) => claims.has(updateId))).toEqual([true, false, true])
})

test('a look that was called off takes nothing', async () => {
  expect(await new Claims().takeFound(async () => null)).toBeNull()
})
